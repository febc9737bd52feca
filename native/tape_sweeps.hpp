/** Chooses whose first derivatives are taken in reverse, and lays out the way back. */
#ifndef SETPOINT_TAPE_SWEEPS_HPP
#define SETPOINT_TAPE_SWEEPS_HPP

#include <vector>

#include "tape.hpp"

namespace setpoint {

/**
 * Instructions whose Jacobian moves with the point fall into parts that share no such instruction; as
 * a rule each network is one. In a part either all Jacobian blocks are made forward, at a cost of
 * their width for each weight, or an adjoint of each output goes back to the blocks that stand
 * still, at a cost of the number of outputs for each weight. The blocks that the Hessian needs are
 * then made only when it is asked for, and its adjoints are sums of those of the outputs.
 *
 * Used once per tape, when blocks, curvature and structures are known.
 */
class OutputSweeps {
 public:
  explicit OutputSweeps(Tape& tape);
  void choose();

 private:
  /** Costs of one part, in multiplications. */
  struct Part {
    /** All blocks; those that the Hessian needs; an adjoint of the Lagrangian; one of each output. */
    double forward = 0.0, curved = 0.0, lagrangian = 0.0, reverse = 0.0;
    bool is_worth_it() const;
  };

  Node& node(int id) { return tape_.nodes_[static_cast<std::size_t>(id)]; }
  bool is_moving(int id);
  int part_of(int id);
  Part& part(int id) { return parts_[static_cast<std::size_t>(part_of(id))]; }
  const Element& output(int number) const;

  void join();
  void mark_curved();
  void add_costs();
  void reach_back();
  /** Of one adjoint that ends at blocks that stand still. */
  double end_cost(int id);

  void take_over();
  void add_steps(int id);
  void add_products(int id);
  void add_output(int number);

  Tape& tape_;
  std::vector<int> parents_;
  std::vector<Part> parts_;
  /** Instructions whose blocks the Hessian needs. */
  std::vector<bool> curved_;
  /** Sets of outputs, by their numbers: 0 is the objective, 1 the first row. */
  Supports outputs_;
  /** The outputs that depend on each instruction, of parts that are swept and where those end. */
  std::vector<SupportId> reach_;
  std::vector<double*> adjoints_;
  std::vector<double> end_costs_;
  /** Of the outputs in parts that are swept; nullptr: in no such part. */
  std::vector<double*> rows_;
};

}  // namespace setpoint

#endif
