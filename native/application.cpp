#include "application.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <stdexcept>
#include <string>

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
 * Distances by which IPOPT moves the start away from its bounds; its defaults are 1e-2 and 1e-3. Nearer
 * than these a limit that comes to bind, or lets go, between two solves costs many iterations.
 */
constexpr NumberOption kWarm[] = {
    {"warm_start_bound_push", 1e-4},       {"warm_start_bound_frac", 1e-4},
    {"warm_start_slack_bound_push", 1e-4}, {"warm_start_slack_bound_frac", 1e-4},
    {"warm_start_mult_bound_push", 1e-4},  {"mu_init", 1e-6},
};

constexpr double kColdBarrier = 0.1;  // IPOPT's default of mu_init

/** IPOPT's blocks are small: a second BLAS thread costs more than it brings. */
void use_one_blas_thread() {
  using SetThreads = void (*)(int);
  constexpr const char* kSetters[] = {"openblas_set_num_threads", "MKL_Set_Num_Threads",
                                      "bli_thread_set_num_threads"};
  for (const char* name : kSetters) {
    if (void* found = dlsym(RTLD_DEFAULT, name)) reinterpret_cast<SetThreads>(found)(1);
  }
}

}  // namespace

Ipopt::SmartPtr<Ipopt::IpoptApplication> make_application() {
  use_one_blas_thread();
  // Without a console: nothing may reach stdout.
  Ipopt::SmartPtr<Ipopt::IpoptApplication> application = new Ipopt::IpoptApplication(false);
  auto& options = *application->Options();
  bool set = options.SetIntegerValue("print_level", 0);
  for (const TextOption& option : kTexts) {
    set = options.SetStringValue(option.name, option.value) && set;
  }
  if (!set) throw std::runtime_error("IPOPT refused one of the options that are always set");
  const auto status = application->Initialize(std::string());
  if (status != Ipopt::Solve_Succeeded) {
    throw std::runtime_error("IPOPT could not be initialised: status " +
                             std::to_string(static_cast<int>(status)));
  }
  return application;
}

void set_options(Ipopt::IpoptApplication& application, const Request& request, double row_scale) {
  auto& options = *application.Options();
  bool set = options.SetNumericValue("tol", request.tolerance);
  // IPOPT would widen bounds by 1e-8 of their size, 1e-5 degC at 1100: clipping that back breaks
  // limits that are narrow beside it.
  set = options.SetNumericValue("bound_relax_factor", 0.0) && set;
  const double violation = std::max(kViolation * row_scale, kSmallestViolation);
  set = options.SetNumericValue("constr_viol_tol", violation) && set;
  set = options.SetNumericValue("acceptable_constr_viol_tol", violation) && set;
  set = options.SetIntegerValue("max_iter", request.max_iterations) && set;
  set = options.SetStringValue("warm_start_init_point", request.warm ? "yes" : "no") && set;
  set = options.SetNumericValue("mu_init", kColdBarrier) && set;
  if (request.warm) {
    for (const NumberOption& option : kWarm) {
      set = options.SetNumericValue(option.name, option.value) && set;
    }
  }
  if (!set) {
    throw std::invalid_argument("IPOPT refused an option: tolerance " +
                                std::to_string(request.tolerance) + ", iterations " +
                                std::to_string(request.max_iterations));
  }
}

int optimize(Ipopt::IpoptApplication& application, Problem& problem) {
  return application.OptimizeTNLP(Ipopt::SmartPtr<Ipopt::TNLP>(&problem));
}

}  // namespace setpoint
