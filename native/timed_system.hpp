/** IPOPT's own solution of its linear systems, with a stopwatch around it. */
#ifndef SETPOINT_TIMED_SYSTEM_HPP
#define SETPOINT_TIMED_SYSTEM_HPP

#include <IpAugSystemSolver.hpp>

#include "stopwatch.hpp"

namespace setpoint {

/** `seconds` grows by the time that is spent inside. */
class TimedSystem : public Ipopt::AugSystemSolver {
 public:
  TimedSystem(const Ipopt::SmartPtr<Ipopt::AugSystemSolver>& inner, double& seconds)
      : inner_(inner), seconds_(seconds) {}

  bool InitializeImpl(const Ipopt::OptionsList& options, const std::string& prefix) override {
    return inner_->Initialize(Jnlst(), IpNLP(), IpData(), IpCq(), options, prefix);
  }

  Ipopt::ESymSolverStatus MultiSolve(
      const Ipopt::SymMatrix* w, double w_factor, const Ipopt::Vector* d_x, double delta_x,
      const Ipopt::Vector* d_s, double delta_s, const Ipopt::Matrix* j_c, const Ipopt::Vector* d_c,
      double delta_c, const Ipopt::Matrix* j_d, const Ipopt::Vector* d_d, double delta_d,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_x,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_s,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_c,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_d,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_x,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_s,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_c,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_d, bool check_inertia,
      Ipopt::Index negative) override {
    const Stopwatch watch(seconds_);
    return inner_->MultiSolve(w, w_factor, d_x, delta_x, d_s, delta_s, j_c, d_c, delta_c, j_d, d_d,
                              delta_d, right_x, right_s, right_c, right_d, solution_x, solution_s,
                              solution_c, solution_d, check_inertia, negative);
  }

  Ipopt::Index NumberOfNegEVals() const override { return inner_->NumberOfNegEVals(); }
  bool ProvidesInertia() const override { return inner_->ProvidesInertia(); }
  bool IncreaseQuality() override { return inner_->IncreaseQuality(); }

 private:
  Ipopt::SmartPtr<Ipopt::AugSystemSolver> inner_;
  double& seconds_;
};

}  // namespace setpoint

#endif
