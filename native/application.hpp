/**
 * IPOPT itself: how an application is made, set and run. The one place that knows which linear
 * solver works inside.
 */
#ifndef SETPOINT_APPLICATION_HPP
#define SETPOINT_APPLICATION_HPP

#include <IpIpoptApplication.hpp>
#include <cstdint>

#include "program.hpp"

#if __has_include(<IpAlgBuilder.hpp>)
#define SETPOINT_CHOOSES_SOLVER 1
#include <IpAlgBuilder.hpp>
#endif

namespace setpoint {

/**
 * Largest violation of a row that counts as none, relative to its scale. IPOPT's defaults, 1e-4 and
 * for an acceptable point 1e-2, are absolute: they would call a point good that breaks its limits.
 */
constexpr double kViolation = 1e-6;

/** The wanted one, or for `none` the one that fits; mumps wherever IPOPT does not let us choose. */
LinearSolver usable_solver(LinearSolver wanted, const Tape& tape);

/**
 * A silent application that reads no options file, for one problem. What IPOPT builds for its first
 * solve is used again by all that follow, on the same thread.
 */
class Application {
 public:
  /** The problem outlives the application. Throws std::runtime_error. */
  Application(Problem& problem, LinearSolver linear_solver);

  /**
   * Whether this thread may use it: IPOPT numbers its objects thread by thread and knows by the
   * numbers which values it need not compute again, so another thread would be given old ones.
   */
  bool is_of_this_thread() const;

  /** Runs one solve; IPOPT's ApplicationReturnStatus. `row_scale` is the smallest of the rows'. */
  int solve(const Request& request, double row_scale);

  /** What the last solve spent on its linear systems; NaN where IPOPT does not tell. */
  double linear_seconds() const { return linear_seconds_; }

 private:
  void set_options(const Request& request, double row_scale);
  int optimize();

  std::uint64_t thread_;
  LinearSolver linear_solver_;
  double linear_seconds_ = 0.0;
  Ipopt::SmartPtr<Ipopt::TNLP> problem_;
  Ipopt::SmartPtr<Ipopt::IpoptApplication> ipopt_;
#ifdef SETPOINT_CHOOSES_SOLVER
  Ipopt::SmartPtr<Ipopt::NLP> adapter_;
  Ipopt::SmartPtr<Ipopt::AlgorithmBuilder> builder_;
#endif
};

}  // namespace setpoint

#endif
