/** Compiles a packed program into a Tape: supports, blocks, operations, structures and orders. */
#ifndef SETPOINT_TAPE_COMPILE_HPP
#define SETPOINT_TAPE_COMPILE_HPP

#include <map>
#include <tuple>

#include "tape.hpp"

namespace setpoint {

/** One row of an instruction's Jacobian. */
struct JacobianRow {
  int node;
  int block;
  int row;
};

/** A run of elements over which no operand of an elementwise instruction changes its block. */
struct Piece {
  int first;
  int count;
  std::vector<const Block*> operands;
};

std::vector<Piece> pieces_of(int size, const std::vector<const Node*>& operands);

/** Where row `row` of a block begins. */
inline const double* jacobian_row(const Block& block, int row) {
  return block.jacobian + static_cast<Index>(row) * block.step;
}

/** Used once per tape, by its constructor. */
class TapeCompiler {
 public:
  TapeCompiler(Tape& tape, PackedProgram program);
  void compile();

 private:
  Node& node(int id) { return tape_.nodes_[static_cast<std::size_t>(id)]; }
  Node& operand(const Node& of, std::size_t which) {
    return node(of.instruction.operands[which]);
  }

  void mark_live();
  void flatten_sums();
  void set_paces(Node& node);
  void set_blocks(int id);
  void set_constants(Node& node);

  Block new_block(int first, int count, SupportId support);
  /** Blocks whose rows are copies of other rows; rows that stand together already are not copied. */
  void select_rows(Node& node, const std::vector<JacobianRow>& from);
  /** Blocks of an elementwise instruction, factors[i] (nullptr: 1) times operand i added up. */
  void add_rows(Node& node, const std::vector<const double*>& factors);
  void sum_rows(Node& node);
  void affine_rows(Node& node);
  void scale_rows_of(Node& node, const double* factor);

  void set_adjoints();
  void set_curvatures(Node& node);
  int hessian_block(SupportId rows, SupportId columns, bool symmetric);
  RowSource source_of(const Element& element);
  void set_structures();
  void set_orders();

  Tape& tape_;
  std::map<std::tuple<SupportId, SupportId, bool>, int> hessian_ids_;
  std::size_t scratch_size_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace setpoint

#endif
