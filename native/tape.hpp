/**
 * The tape interpreter: values, exact Jacobian and exact Hessian of the Lagrangian in float64.
 *
 * Forward, each instruction carries its value and its Jacobian with respect to the decision
 * variables; reverse sweeps carry the adjoints. The rules are those of src/model/tape.ts:
 * a map σ adds Aᵀ diag(ā σ″) A to the Hessian, a product Aᵀ diag(ā) B and its transpose.
 *
 * First derivatives alone need no A where few outputs depend on much: there one adjoint per output
 * goes back to where Jacobians no longer move with the point, and A waits until a Hessian is asked
 * for (tape_sweeps.cpp chooses). The adjoints of the Hessian are then sums of those.
 *
 * Jacobians are kept as blocks: consecutive elements of a result that depend on the same decision
 * variables (their support) share one dense block over those variables only. A network's layer is
 * one block; a formula's scalar is a block of one row; so both dense and sparse programs are met
 * at their own cost, and the sparsity that IPOPT needs is read from the supports.
 *
 * What depends on no decision variable is evaluated once per parameter set, what depends on neither
 * once at compilation, for values and for Jacobians alike. Evaluation allocates nothing.
 *
 * A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, chapters 3, 5 and 7.
 */
#ifndef SETPOINT_TAPE_HPP
#define SETPOINT_TAPE_HPP

#include <array>
#include <memory>
#include <vector>

#include "functions.h"
#include "kernels.h"
#include "packed.hpp"
#include "support.hpp"

namespace setpoint {

/** How often something must be evaluated; `curvature`: at a point whose Hessian is asked for. */
enum class Pace { load = 0, solve = 1, point = 2, curvature = 3 };

/** Zeroed memory of the interpreter, in blocks that never move. */
class Arena {
 public:
  /** `count` doubles at a 64-byte boundary; never nullptr. */
  double* take(std::size_t count);
  std::size_t total() const { return total_; }

 private:
  std::vector<std::unique_ptr<double[]>> chunks_;
  double* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t total_ = 0;
};

/** Consecutive elements of a result with one support, and their dense Jacobian block. */
struct Block {
  int first;
  int count;
  SupportId support;
  int width;
  /** Row stride of `jacobian`, whole vectors; columns beyond `width` are 0. */
  int step;
  double* jacobian;
};

/** to[r][positions[c]] += factor[r] · from[r][c]; one linear piece of a Jacobian. */
struct RowsOperation {
  double* to;
  Index to_step;
  const double* from;
  Index from_step;
  int rows;
  int width;
  /** nullptr: the same columns. */
  const int* positions;
  /** nullptr: factor 1. */
  const double* factor;
  /** True: assign, since nothing was written there before. */
  bool assign;
};

/** to += W from, W a slice of the weights; one piece of an affine instruction's Jacobian. */
struct WeightsOperation {
  double* to;
  Index to_step;
  const double* weights;
  Index weights_step;
  int rows;
  const double* from;
  Index from_step;
  int depth;
  int width;
  const int* positions;
  bool assign;
};

/** Zeroes before the operations of an instruction add up. */
struct Clear {
  double* from;
  std::size_t count;
};

/** Where the pieces of Aᵀ D B for one pair of supports add up, and where they go in the Hessian. */
struct HessianBlock {
  SupportId rows;
  SupportId columns;
  /** True: rows and columns agree and only the lower triangle counts. */
  bool symmetric;
  int height;
  int width;
  int step;
  double* sums;
  /** Position among the Hessian's nonzeros of each element of `sums` that counts, row by row. */
  std::vector<int> targets;
};

/** One contribution of an instruction to a Hessian block: elements first … first + count − 1. */
struct Curvature {
  int block;
  const double* a;
  Index a_step;
  const double* b;
  Index b_step;
  int first;
  int count;
};

/** An adjoint on its way from an instruction to its operands. */
struct AdjointStep {
  int node;
  const double* adjoint;
  /** Where the adjoint of each operand adds up; nullptr: nobody asks for it. */
  std::vector<double*> to;
};

/** to[positions[c]] += Σ adjoint[r] · jacobian[r][c]; where the adjoint of an output ends. */
struct RowProduct {
  const double* adjoint;
  const double* jacobian;
  Index step;
  int count;
  int width;
  /** nullptr: the same columns. */
  const int* positions;
  double* to;
};

/** The adjoint of one curved instruction, of all outputs that depend on it. */
struct AdjointSum {
  int node;
  /** Numbers among the outputs: 0 is the objective, 1 the first row. */
  std::vector<int> outputs;
  /** One after the other, each as long as the instruction's result. */
  const double* adjoints;
};

/** An instruction with all that its evaluation needs. */
struct Node {
  Instruction instruction;
  bool live = false;
  /** True: the result depends on a decision variable. */
  bool varies = false;
  /** True: something curved lies here or below. */
  bool needs_adjoint = false;
  /** True: first derivatives go through it in reverse, an adjoint for each output. */
  bool swept = false;
  /** False: nobody reads its Jacobian blocks. */
  bool needs_jacobian = true;
  Pace value_pace = Pace::load;
  Pace jacobian_pace = Pace::load;
  double* value = nullptr;
  /** Of the Lagrangian. */
  double* adjoint = nullptr;
  /** map: σ′ at the operand. */
  double* slope = nullptr;
  const Function* function = nullptr;
  std::vector<Block> blocks;
  std::vector<Clear> clears;
  std::vector<RowsOperation> rows_operations;
  std::vector<WeightsOperation> weights_operations;
  std::vector<Curvature> curvatures;
};

/** Where the nonzeros of one output's first derivatives are read. */
struct RowSource {
  const double* from;
  SupportId support;
};

/** One nonzero of a sparse matrix. */
struct Nonzero {
  int row;
  int column;
};

/** A compiled tape at one point; not safe for two threads at once. */
class Tape {
 public:
  explicit Tape(PackedProgram program);
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  int inputs() const { return inputs_; }
  int parameters() const { return parameters_; }
  int rows() const { return static_cast<int>(rows_.size()); }

  /** Nonzeros of the rows' Jacobian and of the Hessian's lower triangle, in the order of values. */
  const std::vector<Nonzero>& jacobian_structure() const { return jacobian_structure_; }
  const std::vector<Nonzero>& hessian_structure() const { return hessian_structure_; }

  /** `p` holds parameters() values; evaluates what depends on them alone. */
  void set_parameters(const double* p);
  /** `x` holds inputs() values; nothing is evaluated again for the point that it stands at. */
  void set_point(const double* x);

  double objective();
  void row_values(double* out);
  /** All inputs() components. */
  void gradient(double* out);
  void jacobian(double* out);
  /** σ ∇²f + Σ λᵢ ∇²gᵢ, lower triangle. */
  void hessian(double sigma, const double* lambda, double* out);

 private:
  friend class TapeCompiler;
  friend class OutputSweeps;

  void evaluate_values(Pace pace);
  void evaluate_jacobians(Pace pace);
  void need_values();
  void need_first();
  void need_curvature();
  void sweep_outputs();
  void hand_down(const AdjointStep& step);
  void add_swept_curvature();
  void add_lagrangian_curvature();
  void bend(const Node& node);
  void add_curvature(const Node& node, const double* d);
  void spread_hessian(double* out) const;

  int inputs_ = 0;
  int parameters_ = 0;
  Element objective_{};
  std::vector<Element> rows_;
  Supports supports_;
  Arena arena_;
  std::vector<Node> nodes_;
  /** Instructions to evaluate at each pace, in order. */
  std::array<std::vector<int>, 3> value_order_;
  std::array<std::vector<int>, 4> jacobian_order_;
  /** Maps that vary: σ′ is needed by every kind of derivative. */
  std::vector<int> slope_order_;
  /** First derivatives in reverse: what is zeroed, what is 1, the way back, and its end. */
  std::vector<Clear> output_clears_;
  std::vector<double*> output_seeds_;
  std::vector<AdjointStep> output_sweep_;
  std::vector<RowProduct> row_products_;
  /** The Lagrangian's adjoints: where they are sums of those, and the way back elsewhere. */
  std::vector<AdjointSum> adjoint_sums_;
  std::vector<AdjointStep> lagrangian_sweep_;
  std::vector<HessianBlock> hessian_blocks_;
  RowSource objective_source_{};
  std::vector<RowSource> row_sources_;
  std::vector<Nonzero> jacobian_structure_;
  std::vector<Nonzero> hessian_structure_;
  std::vector<double> point_;
  std::vector<double> parameter_values_;
  /** σ and λ, by the number of the output. */
  std::vector<double> output_weights_;
  /** diag(d) A and elementwise products on their way into a Hessian block or a sum of columns. */
  double* scratch_ = nullptr;
  double* weighted_ = nullptr;
  bool point_known_ = false;
  bool values_known_ = false;
  bool first_known_ = false;
  bool curvature_known_ = false;
};

}  // namespace setpoint

#endif
