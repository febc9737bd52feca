#include "program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "application.hpp"
#include "stopwatch.hpp"

namespace setpoint {
namespace {

/** IPOPT's own default of nlp_scaling_max_gradient, and the smallest factor that its rule gives. */
constexpr double kLargestGradient = 100.0;
constexpr double kSmallestFactor = 1e-8;

/** The clock's time in so many seconds: beyond some years its own type would overflow. */
Clock::time_point in_seconds(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(std::min(seconds, 1e8)));
}

/** MUMPS keeps global state: two solves at once in one process crash inside it. */
std::mutex& process_wide() {
  static std::mutex mutex;
  return mutex;
}

/** All that a result says about its point, from the tape. */
void describe_point(Tape& tape, Result& result) {
  result.has_point = true;
  tape.set_point(result.point);
  result.objective = tape.objective();
  tape.row_values(result.rows);
  tape.gradient(result.gradient);
  tape.jacobian(result.jacobian);
}

/** Factor that brings the largest gradient component down to kLargestGradient. */
double gradient_factor(double largest) {
  if (!(largest > kLargestGradient) || !std::isfinite(largest)) return 1.0;
  return std::max(kLargestGradient / largest, kSmallestFactor);
}

}  // namespace

Problem::Problem(Tape& tape, const PackedProgram& scales)
    : tape_(tape),
      objective_scale_(scales.objective_scale),
      variable_scales_(scales.variable_scales),
      row_scales_(scales.row_scales),
      gradient_(scales.variable_scales.size()),
      jacobian_(tape.jacobian_structure().size()),
      start_(scales.variable_scales.size()) {}

void Problem::begin(const Request& request, Result& result, const std::int32_t* cancel,
                    double patience) {
  request_ = &request;
  result_ = &result;
  cancel_ = cancel;
  const auto n = static_cast<std::size_t>(tape_.inputs());
  const auto m = static_cast<std::size_t>(tape_.rows());
  const auto differ = [](std::size_t count, const double* lower, const double* upper) {
    int result = 0;
    for (std::size_t i = 0; i < count; ++i) result += lower[i] < upper[i] ? 1 : 0;
    return result;
  };
  const int equations = static_cast<int>(m) - differ(m, request.row_lower, request.row_upper);
  const int lacking = equations + 1 - differ(n, request.lower, request.upper);
  spare_ = equations > 0 ? std::max(lacking, 0) : 0;
  move_start_inside();
  deadline_ = in_seconds(request.time_limit_seconds);
  patience_end_ = in_seconds(patience);
}

/**
 * IPOPT would move the start inside after it was asked for the scales there. Moved before, the point
 * where the scales are measured is the one where the first iteration begins: one evaluation for both.
 */
void Problem::move_start_inside() {
  // A hair more than IPOPT asks for, so that it finds nothing to move.
  const double push = (request_->warm ? kWarmPush : kColdPush) * (1.0 + 1e-6);
  for (std::size_t i = 0; i < start_.size(); ++i) {
    const double factor = 1.0 / variable_scales_[i];
    const double lower = request_->lower[i] * factor, upper = request_->upper[i] * factor;
    const auto room = [&](double bound) {
      return push * std::min(std::max(1.0, std::fabs(bound)), upper - lower);
    };
    double inside = request_->start[i] * factor;
    if (std::isfinite(lower)) inside = std::max(inside, lower + room(lower));
    if (std::isfinite(upper)) inside = std::min(inside, upper - room(upper));
    start_[i] = request_->lower[i] < request_->upper[i] ? inside / factor : request_->lower[i];
  }
}

bool Problem::get_nlp_info(Ipopt::Index& n, Ipopt::Index& m, Ipopt::Index& jacobian_nonzeros,
                           Ipopt::Index& hessian_nonzeros, IndexStyleEnum& style) {
  n = tape_.inputs() + spare_;
  m = tape_.rows();
  jacobian_nonzeros = static_cast<Ipopt::Index>(tape_.jacobian_structure().size());
  hessian_nonzeros = static_cast<Ipopt::Index>(tape_.hessian_structure().size());
  style = C_STYLE;
  return true;
}

bool Problem::get_bounds_info(Ipopt::Index n, Ipopt::Number* lower, Ipopt::Number* upper,
                              Ipopt::Index m, Ipopt::Number* row_lower, Ipopt::Number* row_upper) {
  n -= spare_;
  std::copy_n(request_->lower, n, lower);
  std::copy_n(request_->upper, n, upper);
  std::fill_n(lower + n, spare_, -1.0);
  std::fill_n(upper + n, spare_, 1.0);
  std::copy_n(request_->row_lower, m, row_lower);
  std::copy_n(request_->row_upper, m, row_upper);
  return true;
}

/**
 * Engineering scales first; then, on what they leave, IPOPT's gradient-based rule at the start,
 * for a typical size says nothing about how steep a model is.
 * A. Wächter, L. T. Biegler, Math. Program. 106 (2006), section 3.8.
 */
bool Problem::get_scaling_parameters(Ipopt::Number& objective, bool& use_x, Ipopt::Index n,
                                     Ipopt::Number* x, bool& use_rows, Ipopt::Index m,
                                     Ipopt::Number* rows) {
  const Stopwatch watch(result_->times.gradients);
  use_x = true;
  use_rows = m > 0;
  tape_.set_point(start_.data());
  tape_.gradient(gradient_.data());
  tape_.jacobian(jacobian_.data());
  n -= spare_;
  std::fill_n(x + n, spare_, 1.0);
  double largest = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    x[i] = 1.0 / variable_scales_[i];
    largest = std::max(largest, std::fabs(gradient_[i]) * variable_scales_[i] / objective_scale_);
  }
  objective = gradient_factor(largest) / objective_scale_;
  std::fill_n(rows, m, 0.0);
  const auto& structure = tape_.jacobian_structure();
  for (std::size_t k = 0; k < structure.size(); ++k) {
    const auto row = static_cast<std::size_t>(structure[k].row);
    const double steepness = std::fabs(jacobian_[k]) *
                             variable_scales_[static_cast<std::size_t>(structure[k].column)] /
                             row_scales_[row];
    rows[row] = std::max(rows[row], steepness);
  }
  for (std::size_t row = 0; row < static_cast<std::size_t>(m); ++row) {
    rows[row] = gradient_factor(rows[row]) / row_scales_[row];
  }
  return true;
}

bool Problem::get_starting_point(Ipopt::Index n, bool init_x, Ipopt::Number* x, bool init_z,
                                 Ipopt::Number* z_lower, Ipopt::Number* z_upper, Ipopt::Index m,
                                 bool init_lambda, Ipopt::Number* lambda) {
  n -= spare_;
  if (init_x) {
    std::copy_n(start_.begin(), n, x);
    std::fill_n(x + n, spare_, 0.0);
  }
  if ((init_z || init_lambda) && !request_->warm) return false;
  if (init_z) {
    std::copy_n(request_->lower_multipliers, n, z_lower);
    std::copy_n(request_->upper_multipliers, n, z_upper);
    std::fill_n(z_lower + n, spare_, 0.0);
    std::fill_n(z_upper + n, spare_, 0.0);
  }
  if (init_lambda) std::copy_n(request_->row_multipliers, m, lambda);
  return true;
}

// IPOPT's new_x is not needed: set_point compares the point itself, which costs less than a mistake.

bool Problem::eval_f(Ipopt::Index, const Ipopt::Number* x, bool, Ipopt::Number& value) {
  const Stopwatch watch(result_->times.values);
  tape_.set_point(x);
  value = tape_.objective();
  return true;
}

bool Problem::eval_grad_f(Ipopt::Index, const Ipopt::Number* x, bool, Ipopt::Number* gradient) {
  const Stopwatch watch(result_->times.gradients);
  tape_.set_point(x);
  tape_.gradient(gradient);
  std::fill_n(gradient + tape_.inputs(), spare_, 0.0);
  return true;
}

bool Problem::eval_g(Ipopt::Index, const Ipopt::Number* x, bool, Ipopt::Index,
                     Ipopt::Number* rows) {
  const Stopwatch watch(result_->times.values);
  tape_.set_point(x);
  tape_.row_values(rows);
  return true;
}

bool Problem::eval_jac_g(Ipopt::Index, const Ipopt::Number* x, bool, Ipopt::Index, Ipopt::Index,
                         Ipopt::Index* row, Ipopt::Index* column, Ipopt::Number* values) {
  if (values == nullptr) {
    for (const Nonzero& at : tape_.jacobian_structure()) {
      *row++ = at.row;
      *column++ = at.column;
    }
    return true;
  }
  const Stopwatch watch(result_->times.gradients);
  tape_.set_point(x);
  tape_.jacobian(values);
  return true;
}

bool Problem::eval_h(Ipopt::Index, const Ipopt::Number* x, bool, Ipopt::Number sigma, Ipopt::Index,
                     const Ipopt::Number* lambda, bool, Ipopt::Index, Ipopt::Index* row,
                     Ipopt::Index* column, Ipopt::Number* values) {
  if (values == nullptr) {
    for (const Nonzero& at : tape_.hessian_structure()) {
      *row++ = at.row;
      *column++ = at.column;
    }
    return true;
  }
  const Stopwatch watch(result_->times.hessians);
  tape_.set_point(x);
  tape_.hessian(sigma, lambda, values);
  return true;
}

bool Problem::intermediate_callback(Ipopt::AlgorithmMode, Ipopt::Index iteration, Ipopt::Number,
                                    Ipopt::Number, Ipopt::Number, Ipopt::Number, Ipopt::Number,
                                    Ipopt::Number, Ipopt::Number, Ipopt::Number, Ipopt::Index,
                                    const Ipopt::IpoptData*, Ipopt::IpoptCalculatedQuantities*) {
  result_->iterations = iteration;
  if (cancel_ != nullptr && __atomic_load_n(cancel_, __ATOMIC_ACQUIRE) != 0) {
    result_->stop = Stop::cancelled;
  } else {
    const auto now = Clock::now();
    result_->stop = now >= deadline_       ? Stop::deadline
                    : now >= patience_end_ ? Stop::patience
                                           : Stop::none;
  }
  return result_->stop == Stop::none;
}

void Problem::finalize_solution(Ipopt::SolverReturn, Ipopt::Index n, const Ipopt::Number* x,
                                const Ipopt::Number* z_lower, const Ipopt::Number* z_upper,
                                Ipopt::Index m, const Ipopt::Number*, const Ipopt::Number* lambda,
                                Ipopt::Number, const Ipopt::IpoptData*,
                                Ipopt::IpoptCalculatedQuantities*) {
  const Stopwatch watch(result_->times.gradients);
  n -= spare_;
  // IPOPT relaxes bounds by about 1e-8 of their size: what leaves here is inside them.
  for (Ipopt::Index i = 0; i < n; ++i) {
    result_->point[i] = std::min(std::max(x[i], request_->lower[i]), request_->upper[i]);
  }
  std::copy_n(z_lower, n, result_->lower_multipliers);
  std::copy_n(z_upper, n, result_->upper_multipliers);
  std::copy_n(lambda, m, result_->row_multipliers);
  describe_point(tape_, *result_);
}

Program::Program(const PackedProgram& packed)
    : tape_(packed), problem_(new Problem(tape_, packed)) {
  for (const double scale : packed.row_scales) {
    smallest_row_scale_ = std::min(smallest_row_scale_, scale);
  }
}

Program::~Program() = default;

void Program::solve(const Request& request, Result& result, const std::int32_t* cancel) {
  const std::lock_guard<std::mutex> own(mutex_);
  const std::lock_guard<std::mutex> only(process_wide());
  solve_alone(request, result, cancel, std::numeric_limits<double>::infinity());
}

bool Program::solve_briefly(const Request& request, Result& result, double seconds) {
  const std::unique_lock<std::mutex> own(mutex_, std::try_to_lock);
  if (!own) return false;
  const std::unique_lock<std::mutex> only(process_wide(), std::try_to_lock);
  if (!only) return false;
  solve_alone(request, result, nullptr, seconds);
  return result.stop != Stop::patience;
}

void Program::solve_alone(const Request& request, Result& result, const std::int32_t* cancel,
                          double patience) {
  const Stopwatch watch(result.times.total);
  {
    const Stopwatch values(result.times.values);
    tape_.set_parameters(request.parameters);
  }
  problem_->begin(request, result, cancel, patience);
  const auto n = static_cast<std::size_t>(tape_.inputs());
  if (std::equal(request.lower, request.lower + n, request.upper)) {
    solve_fixed(request, result);
    return;
  }
  const LinearSolver used = usable_solver(request.linear_solver, tape_);
  auto& application = applications_[static_cast<std::size_t>(used)];
  if (application == nullptr || !application->is_of_this_thread()) {
    application = std::make_unique<Application>(*problem_, used);
  }
  result.linear_solver = used;
  result.status = application->solve(request, smallest_row_scale_);
  result.times.linear = application->linear_seconds();
}

/** Nothing is free to move: IPOPT refuses such a program, and the answer is the point itself. */
void Program::solve_fixed(const Request& request, Result& result) {
  const auto n = static_cast<std::size_t>(tape_.inputs());
  const auto m = static_cast<std::size_t>(tape_.rows());
  std::copy_n(request.lower, n, result.point);
  std::fill_n(result.lower_multipliers, n, 0.0);
  std::fill_n(result.upper_multipliers, n, 0.0);
  std::fill_n(result.row_multipliers, m, 0.0);
  describe_point(tape_, result);
  bool finite = std::isfinite(result.objective);
  bool inside = true;
  for (std::size_t row = 0; row < m; ++row) {
    const double value = result.rows[row];
    // What counts as none in a solve: application.cpp.
    const double slack = std::max(kViolation * problem_->row_scale(row),
                                  request.tolerance * std::max(1.0, std::fabs(value)));
    finite = finite && std::isfinite(value);
    inside = inside && value >= request.row_lower[row] - slack &&
             value <= request.row_upper[row] + slack;
  }
  result.status = !finite  ? Ipopt::Invalid_Number_Detected
                  : inside ? Ipopt::Solve_Succeeded
                           : Ipopt::Infeasible_Problem_Detected;
}

}  // namespace setpoint
