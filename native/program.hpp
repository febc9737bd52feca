/** A tape made ready to be solved, and the adaptor through which IPOPT sees it. */
#ifndef SETPOINT_PROGRAM_HPP
#define SETPOINT_PROGRAM_HPP

#include <IpTNLP.hpp>
#include <array>
#include <chrono>
#include <memory>
#include <mutex>

#include "tape.hpp"

namespace setpoint {

/** What solves IPOPT's linear systems. */
enum class LinearSolver { none = 0, mumps = 1, dense = 2 };

/** One solve's wishes; the arrays belong to the caller and outlive the solve. Unscaled units. */
struct Request {
  double tolerance;
  int max_iterations;
  double time_limit_seconds;
  bool warm;
  /** `none`: the one that fits the program. */
  LinearSolver linear_solver;
  const double* start;
  const double* parameters;
  const double* lower;
  const double* upper;
  const double* row_lower;
  const double* row_upper;
  /** Multipliers to start warm from, nullptr when cold. */
  const double* row_multipliers;
  const double* lower_multipliers;
  const double* upper_multipliers;
};

/** Where the time of a solve went, in seconds. */
struct Times {
  double total = 0.0;
  /** Evaluations of values, of first and of second derivatives. */
  double values = 0.0;
  double gradients = 0.0;
  double hessians = 0.0;
  /** Linear systems; NaN where IPOPT does not tell. */
  double linear = 0.0;
};

/** Why the iteration callback ended a solve. */
enum class Stop { none = 0, deadline = 1, cancelled = 2, patience = 3 };

/** The end of one solve; the arrays belong to the caller. Unscaled units, IPOPT's signs. */
struct Result {
  /** IPOPT's ApplicationReturnStatus. */
  int status = 0;
  Stop stop = Stop::none;
  int iterations = 0;
  bool has_point = false;
  LinearSolver linear_solver = LinearSolver::none;
  Times times;
  double objective = 0.0;
  double* point = nullptr;
  double* rows = nullptr;
  double* row_multipliers = nullptr;
  double* lower_multipliers = nullptr;
  double* upper_multipliers = nullptr;
  double* gradient = nullptr;
  double* jacobian = nullptr;
};

/**
 * The start keeps this much from its bounds, in scales, and this share of what is between them.
 * Warm: nearer than that a limit that comes to bind, or lets go, between two solves costs many
 * iterations. Cold: IPOPT's own.
 */
constexpr double kWarmPush = 1e-4;
constexpr double kColdPush = 1e-2;

class Application;

/** What IPOPT calls during one solve: it forwards to the tape and keeps the clock. */
class Problem : public Ipopt::TNLP {
 public:
  Problem(Tape& tape, const PackedProgram& scales);

  /**
   * Before each solve; `cancel` is read at every iteration, nullptr where nobody cancels. After
   * `patience` seconds the solve gives up, whatever its own time limit.
   */
  void begin(const Request& request, Result& result, const std::int32_t* cancel, double patience);

  double row_scale(std::size_t row) const { return row_scales_[row]; }

  bool get_nlp_info(Ipopt::Index& n, Ipopt::Index& m, Ipopt::Index& jacobian_nonzeros,
                    Ipopt::Index& hessian_nonzeros, IndexStyleEnum& style) override;
  bool get_bounds_info(Ipopt::Index n, Ipopt::Number* lower, Ipopt::Number* upper, Ipopt::Index m,
                       Ipopt::Number* row_lower, Ipopt::Number* row_upper) override;
  bool get_scaling_parameters(Ipopt::Number& objective, bool& use_x, Ipopt::Index n,
                              Ipopt::Number* x, bool& use_rows, Ipopt::Index m,
                              Ipopt::Number* rows) override;
  bool get_starting_point(Ipopt::Index n, bool init_x, Ipopt::Number* x, bool init_z,
                          Ipopt::Number* z_lower, Ipopt::Number* z_upper, Ipopt::Index m,
                          bool init_lambda, Ipopt::Number* lambda) override;
  bool eval_f(Ipopt::Index n, const Ipopt::Number* x, bool new_x, Ipopt::Number& value) override;
  bool eval_grad_f(Ipopt::Index n, const Ipopt::Number* x, bool new_x,
                   Ipopt::Number* gradient) override;
  bool eval_g(Ipopt::Index n, const Ipopt::Number* x, bool new_x, Ipopt::Index m,
              Ipopt::Number* rows) override;
  bool eval_jac_g(Ipopt::Index n, const Ipopt::Number* x, bool new_x, Ipopt::Index m,
                  Ipopt::Index nonzeros, Ipopt::Index* row, Ipopt::Index* column,
                  Ipopt::Number* values) override;
  bool eval_h(Ipopt::Index n, const Ipopt::Number* x, bool new_x, Ipopt::Number sigma,
              Ipopt::Index m, const Ipopt::Number* lambda, bool new_lambda, Ipopt::Index nonzeros,
              Ipopt::Index* row, Ipopt::Index* column, Ipopt::Number* values) override;
  bool intermediate_callback(Ipopt::AlgorithmMode mode, Ipopt::Index iteration, Ipopt::Number,
                             Ipopt::Number, Ipopt::Number, Ipopt::Number, Ipopt::Number,
                             Ipopt::Number, Ipopt::Number, Ipopt::Number, Ipopt::Index,
                             const Ipopt::IpoptData*,
                             Ipopt::IpoptCalculatedQuantities*) override;
  void finalize_solution(Ipopt::SolverReturn status, Ipopt::Index n, const Ipopt::Number* x,
                         const Ipopt::Number* z_lower, const Ipopt::Number* z_upper,
                         Ipopt::Index m, const Ipopt::Number* rows, const Ipopt::Number* lambda,
                         Ipopt::Number objective, const Ipopt::IpoptData*,
                         Ipopt::IpoptCalculatedQuantities*) override;

 private:
  void move_start_inside();

  Tape& tape_;
  double objective_scale_;
  std::vector<double> variable_scales_;
  std::vector<double> row_scales_;
  std::vector<double> gradient_;
  std::vector<double> jacobian_;
  /** The request's start, moved inside its bounds. */
  std::vector<double> start_;
  /**
   * Variables behind the program's own that nothing depends on. IPOPT drops the objective where there
   * are as many equations as free variables, and refuses where there are more, though equations may
   * say the same twice; with one of these more it does neither.
   */
  Ipopt::Index spare_ = 0;
  const Request* request_ = nullptr;
  Result* result_ = nullptr;
  const std::int32_t* cancel_ = nullptr;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point patience_end_;
};

/** A program loaded once and solved many times. Calls from several threads are put in a row. */
class Program {
 public:
  explicit Program(const PackedProgram& packed);
  ~Program();

  /** Blocks until no other solve runs in this process. */
  void solve(const Request& request, Result& result, const std::int32_t* cancel);
  /** False where it did not end within `seconds`, or where another solve runs in this process. */
  bool solve_briefly(const Request& request, Result& result, double seconds);

  const Tape& shape() const { return tape_; }
  /** The tape under its lock, for evaluations outside a solve. */
  template <class Use> void with_tape(const Use& use) {
    const std::lock_guard<std::mutex> lock(mutex_);
    use(tape_);
  }

 private:
  /** Both locks are held. */
  void solve_alone(const Request& request, Result& result, const std::int32_t* cancel,
                   double patience);
  void solve_fixed(const Request& request, Result& result);

  std::mutex mutex_;
  Tape tape_;
  double smallest_row_scale_ = 1.0;
  Ipopt::SmartPtr<Problem> problem_;
  /** By linear solver, made when first needed, and anew on another thread. */
  std::array<std::unique_ptr<Application>, 3> applications_;
};

}  // namespace setpoint

#endif
