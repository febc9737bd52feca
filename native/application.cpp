#include "application.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <string>

#include "blas.hpp"

#ifdef SETPOINT_CHOOSES_SOLVER
#include <IpTNLPAdapter.hpp>

#include "dense_system.hpp"
#include "known_options.hpp"
#include "timed_system.hpp"
#endif

namespace setpoint {
namespace {

struct TextOption {
  const char* name;
  const char* value;
};

struct NumberOption {
  const char* name;
  double value;
};

constexpr TextOption kTexts[] = {
    {"sb", "yes"},  // no banner on stdout
    // Without this IPOPT reads ipopt.opt from the working folder.
    {"option_file_name", ""},
    {"nlp_scaling_method", "user-scaling"},
    {"check_derivatives_for_naninf", "yes"},
    {"linear_solver", "mumps"},
};

/** Below this, rounding in rows of a large scale would keep a solve from ending. */
constexpr double kSmallestViolation = 1e-9;

/**
 * IPOPT divides its residuals by the mean multiplier beyond this; its default is 100. Where limits
 * leave no room inside, as after they gave as little as they can, multipliers grow without bound, and
 * a solve would end far from its optimum.
 */
constexpr double kLargestMultiplier = 1e6;

/** Those that never change; the pushes are read by warm starts alone. */
constexpr NumberOption kNumbers[] = {
    // IPOPT would widen bounds by 1e-8 of their size, 1e-5 degC at 1100: clipping that back breaks
    // limits that are narrow beside it.
    {"bound_relax_factor", 0.0},
    {"s_max", kLargestMultiplier},
    {"warm_start_bound_push", kWarmPush},       {"warm_start_bound_frac", kWarmPush},
    {"warm_start_slack_bound_push", kWarmPush}, {"warm_start_slack_bound_frac", kWarmPush},
    {"warm_start_mult_bound_push", kWarmPush},
};

/** mu_init; the cold one is IPOPT's default. */
constexpr double kWarmBarrier = 1e-6;
constexpr double kColdBarrier = 0.1;

struct DenseUpTo {
  double size;
  double density;
};

/**
 * The dense solver pays up to this many rows of the linear system, where at least this share of its
 * triangle is filled. Measured against MUMPS on programs of 20 to 600 variables, half as many rows
 * and 3 to all nonzeros in a row: at 200 it took a third to two thirds of the time whatever the
 * filling, at 400 to 1,200 less where half was filled and more where a sixth was.
 */
constexpr DenseUpTo kDense[] = {{220, 0.0}, {1200, 0.4}};

/** Without a console: nothing may reach stdout. */
Ipopt::SmartPtr<Ipopt::IpoptApplication> make_silent() {
  Ipopt::SmartPtr<Ipopt::IpoptApplication> usual = new Ipopt::IpoptApplication(false);
#ifdef SETPOINT_CHOOSES_SOLVER
  return new Ipopt::IpoptApplication(usual->RegOptions(),
                                     new KnownOptions(usual->RegOptions(), usual->Jnlst()),
                                     usual->Jnlst());
#else
  return usual;
#endif
}

Ipopt::SmartPtr<Ipopt::IpoptApplication> make_ipopt(LinearSolver linear_solver) {
  prepare_blas();
  Ipopt::SmartPtr<Ipopt::IpoptApplication> ipopt = make_silent();
  auto& options = *ipopt->Options();
  bool set = options.SetIntegerValue("print_level", 0);
  // A dense factorisation leaves residuals that need no refinement; IPOPT still refines where one does.
  if (linear_solver == LinearSolver::dense) {
    set = options.SetIntegerValue("min_refinement_steps", 0) && set;
  }
  for (const TextOption& option : kTexts) {
    set = options.SetStringValue(option.name, option.value) && set;
  }
  for (const NumberOption& option : kNumbers) {
    set = options.SetNumericValue(option.name, option.value) && set;
  }
  if (!set) throw std::runtime_error("IPOPT refused one of the options that are always set");
  const auto status = ipopt->Initialize(std::string());
  if (status != Ipopt::Solve_Succeeded) {
    throw std::runtime_error("IPOPT could not be initialised: status " +
                             std::to_string(static_cast<int>(status)));
  }
  return ipopt;
}

/** A number that no other thread of this process has had; the system's own come again. */
std::uint64_t number_of_this_thread() {
  static std::atomic<std::uint64_t> numbered{0};
  thread_local const std::uint64_t number = ++numbered;
  return number;
}

#ifdef SETPOINT_CHOOSES_SOLVER
/** IPOPT's own algorithm, but for the linear systems. */
class Builder : public Ipopt::AlgorithmBuilder {
 public:
  Builder(LinearSolver wanted, double& seconds) : wanted_(wanted), seconds_(seconds) {}

  Ipopt::SmartPtr<Ipopt::AugSystemSolver> AugSystemSolverFactory(
      const Ipopt::Journalist& journalist, const Ipopt::OptionsList& options,
      const std::string& prefix) override {
    if (wanted_ == LinearSolver::dense) return new DenseSystem(seconds_);
    const auto own = AlgorithmBuilder::AugSystemSolverFactory(journalist, options, prefix);
    return new TimedSystem(own, seconds_);
  }

 private:
  LinearSolver wanted_;
  double& seconds_;
};
#endif

}  // namespace

#ifdef SETPOINT_CHOOSES_SOLVER
LinearSolver usable_solver(LinearSolver wanted, const Tape& tape) {
  if (wanted != LinearSolver::none) return wanted;
  // Each row may come with a slack of its own.
  const double size = tape.inputs() + 2.0 * tape.rows();
  const double nonzeros = static_cast<double>(tape.jacobian_structure().size()) +
                          static_cast<double>(tape.hessian_structure().size()) + size;
  const double density = nonzeros / (0.5 * size * (size + 1.0));
  for (const DenseUpTo& limit : kDense) {
    if (size <= limit.size && density >= limit.density) return LinearSolver::dense;
  }
  return LinearSolver::mumps;
}
#else
LinearSolver usable_solver(LinearSolver, const Tape&) { return LinearSolver::mumps; }
#endif

Application::Application(Problem& problem, LinearSolver linear_solver)
    : thread_(number_of_this_thread()),
      linear_solver_(linear_solver),
      problem_(&problem),
      ipopt_(make_ipopt(linear_solver)) {}

bool Application::is_of_this_thread() const { return thread_ == number_of_this_thread(); }

int Application::solve(const Request& request, double row_scale) {
  set_options(request, row_scale);
  return optimize();
}

void Application::set_options(const Request& request, double row_scale) {
  auto& options = *ipopt_->Options();
  bool set = options.SetNumericValue("tol", request.tolerance);
  const double violation = std::max(kViolation * row_scale, kSmallestViolation);
  set = options.SetNumericValue("constr_viol_tol", violation) && set;
  set = options.SetNumericValue("acceptable_constr_viol_tol", violation) && set;
  set = options.SetIntegerValue("max_iter", request.max_iterations) && set;
  set = options.SetStringValue("warm_start_init_point", request.warm ? "yes" : "no") && set;
  set = options.SetNumericValue("mu_init", request.warm ? kWarmBarrier : kColdBarrier) && set;
  if (!set) {
    throw std::invalid_argument("IPOPT refused an option: tolerance " +
                                std::to_string(request.tolerance) + ", iterations " +
                                std::to_string(request.max_iterations));
  }
}

#ifdef SETPOINT_CHOOSES_SOLVER
int Application::optimize() {
  linear_seconds_ = 0.0;
  if (Ipopt::IsValid(adapter_)) return ipopt_->ReOptimizeNLP(adapter_);
  builder_ = new Builder(linear_solver_, linear_seconds_);
  adapter_ = new Ipopt::TNLPAdapter(problem_, Ipopt::ConstPtr(ipopt_->Jnlst()));
  return ipopt_->OptimizeNLP(adapter_, builder_);
}
#else
int Application::optimize() {
  linear_seconds_ = std::numeric_limits<double>::quiet_NaN();
  return ipopt_->OptimizeTNLP(problem_);
}
#endif

}  // namespace setpoint
