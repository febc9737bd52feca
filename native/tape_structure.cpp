/** After the blocks: adjoints, curvature, sparsity and the orders of evaluation. */
#include <algorithm>

#include "tape_compile.hpp"

namespace setpoint {

std::vector<Piece> pieces_of(int size, const std::vector<const Node*>& operands) {
  std::vector<std::size_t> at(operands.size(), 0);
  std::vector<Piece> pieces;
  for (int first = 0; first < size;) {
    Piece piece{first, size - first, {}};
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const Block& block = operands[i]->blocks[at[i]];
      piece.operands.push_back(&block);
      piece.count = std::min(piece.count, block.first + block.count - first);
    }
    first += piece.count;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const Block& block = operands[i]->blocks[at[i]];
      if (block.first + block.count == first) ++at[i];
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

/** Adjoints go only where something curved waits for them. */
void TapeCompiler::set_adjoints() {
  for (Node& at : tape_.nodes_) {
    if (!at.live || !at.varies) continue;
    const Opcode op = at.instruction.op;
    bool curved = op == Opcode::map && at.function->curved;
    if (op == Opcode::product) curved = operand(at, 0).varies && operand(at, 1).varies;
    at.needs_adjoint = curved;
    for (std::size_t i = 0; i < at.instruction.operands.size(); ++i) {
      at.needs_adjoint = at.needs_adjoint || operand(at, i).needs_adjoint;
    }
    if (at.needs_adjoint) {
      at.adjoint = tape_.arena_.take(static_cast<std::size_t>(at.instruction.size));
    }
    if (curved) set_curvatures(at);
  }
}

void TapeCompiler::set_curvatures(Node& at) {
  const auto need_scratch = [&](int rows, int step) {
    scratch_size_ = std::max(scratch_size_,
                             static_cast<std::size_t>(rows) * static_cast<std::size_t>(step));
  };
  if (at.instruction.op == Opcode::map) {
    for (const Block& block : operand(at, 0).blocks) {
      if (block.width == 0) continue;
      const int to = hessian_block(block.support, block.support, true);
      at.curvatures.push_back({to, block.jacobian, block.step, block.jacobian, block.step,
                               block.first, block.count});
      need_scratch(block.count, block.step);
    }
    return;
  }
  for (const Piece& piece : pieces_of(at.instruction.size, {&operand(at, 0), &operand(at, 1)})) {
    const Block& a = *piece.operands[0];
    const Block& b = *piece.operands[1];
    if (a.width == 0 || b.width == 0) continue;
    const int to = hessian_block(a.support, b.support, false);
    at.curvatures.push_back({to, jacobian_row(a, piece.first - a.first), a.step,
                             jacobian_row(b, piece.first - b.first), b.step, piece.first,
                             piece.count});
    need_scratch(piece.count, a.step);
  }
}

int TapeCompiler::hessian_block(SupportId rows, SupportId columns, bool symmetric) {
  const auto [at, added] = hessian_ids_.emplace(
      std::make_tuple(rows, columns, symmetric), static_cast<int>(tape_.hessian_blocks_.size()));
  if (added) {
    HessianBlock block;
    block.rows = rows;
    block.columns = columns;
    block.symmetric = symmetric;
    block.width = tape_.supports_.width(columns);
    block.step = padded(block.width);
    block.height = symmetric ? block.step : tape_.supports_.width(rows);
    block.sums = tape_.arena_.take(static_cast<std::size_t>(block.height) *
                                   static_cast<std::size_t>(block.step));
    tape_.hessian_blocks_.push_back(std::move(block));
  }
  return at->second;
}

RowSource TapeCompiler::source_of(const Element& element) {
  const auto& blocks = node(element.node).blocks;
  const auto next = std::upper_bound(
      blocks.begin(), blocks.end(), element.element,
      [](int position, const Block& block) { return position < block.first; });
  const Block& block = *std::prev(next);
  const double* from = jacobian_row(block, element.element - block.first);
  return {from, block.support};
}

void TapeCompiler::set_structures() {
  tape_.objective_source_ = source_of(tape_.objective_);
  for (std::size_t row = 0; row < tape_.rows_.size(); ++row) {
    const RowSource source = source_of(tape_.rows_[row]);
    tape_.row_sources_.push_back(source);
    for (const int variable : tape_.supports_.variables(source.support)) {
      tape_.jacobian_structure_.push_back({static_cast<int>(row), variable});
    }
  }
  // Every element of every block, as (row, column) of the lower triangle.
  const auto each = [&](const HessianBlock& block, const auto& visit) {
    const auto& rows = tape_.supports_.variables(block.rows);
    const auto& columns = tape_.supports_.variables(block.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t end = block.symmetric ? i + 1 : columns.size();
      for (std::size_t j = 0; j < end; ++j) {
        visit(Nonzero{std::max(rows[i], columns[j]), std::min(rows[i], columns[j])});
      }
    }
  };
  const auto before = [](const Nonzero& a, const Nonzero& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  };
  const auto same = [](const Nonzero& a, const Nonzero& b) {
    return a.row == b.row && a.column == b.column;
  };
  auto& structure = tape_.hessian_structure_;
  for (const HessianBlock& block : tape_.hessian_blocks_) {
    each(block, [&](const Nonzero& at) { structure.push_back(at); });
  }
  std::sort(structure.begin(), structure.end(), before);
  structure.erase(std::unique(structure.begin(), structure.end(), same), structure.end());
  structure.shrink_to_fit();
  for (HessianBlock& block : tape_.hessian_blocks_) {
    each(block, [&](const Nonzero& at) {
      const auto found = std::lower_bound(structure.begin(), structure.end(), at, before);
      block.targets.push_back(static_cast<int>(found - structure.begin()));
    });
  }
}

void TapeCompiler::set_orders() {
  for (std::size_t id = 0; id < tape_.nodes_.size(); ++id) {
    const Node& at = tape_.nodes_[id];
    if (!at.live) continue;
    const int number = static_cast<int>(id);
    if (at.instruction.op != Opcode::constant) {
      tape_.value_order_[static_cast<std::size_t>(at.value_pace)].push_back(number);
    }
    if (at.slope != nullptr) tape_.slope_order_.push_back(number);
    if (at.needs_jacobian && !(at.rows_operations.empty() && at.weights_operations.empty())) {
      tape_.jacobian_order_[static_cast<std::size_t>(at.jacobian_pace)].push_back(number);
    }
    if (!at.needs_adjoint || at.swept) continue;
    AdjointStep step{number, at.adjoint, {}};
    for (const int operand : at.instruction.operands) {
      const Node& to = node(operand);
      step.to.push_back(to.needs_adjoint ? to.adjoint : nullptr);
    }
    tape_.lagrangian_sweep_.push_back(std::move(step));
  }
  std::reverse(tape_.lagrangian_sweep_.begin(), tape_.lagrangian_sweep_.end());
}

}  // namespace setpoint
