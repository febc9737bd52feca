/** Time that adds up. */
#ifndef SETPOINT_STOPWATCH_HPP
#define SETPOINT_STOPWATCH_HPP

#include <chrono>

namespace setpoint {

using Clock = std::chrono::steady_clock;

/** Adds the seconds of its life to a total. */
class Stopwatch {
 public:
  explicit Stopwatch(double& total) : total_(total), start_(Clock::now()) {}
  ~Stopwatch() { total_ += std::chrono::duration<double>(Clock::now() - start_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& total_;
  Clock::time_point start_;
};

}  // namespace setpoint

#endif
