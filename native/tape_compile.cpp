#include "tape_compile.hpp"

#include <algorithm>

#include "tape_sweeps.hpp"

namespace setpoint {
namespace {

/** The block of each element of a result. */
std::vector<int> block_of_elements(const Node& node) {
  std::vector<int> result(static_cast<std::size_t>(node.instruction.size));
  for (std::size_t b = 0; b < node.blocks.size(); ++b) {
    const Block& block = node.blocks[b];
    std::fill_n(result.begin() + block.first, block.count, static_cast<int>(b));
  }
  return result;
}

Pace slower(Pace a, Pace b) { return a < b ? b : a; }

}  // namespace

TapeCompiler::TapeCompiler(Tape& tape, PackedProgram program) : tape_(tape) {
  tape_.inputs_ = program.inputs;
  tape_.parameters_ = program.parameters;
  tape_.objective_ = program.objective;
  tape_.rows_ = program.rows;
  tape_.nodes_.resize(program.instructions.size());
  for (std::size_t id = 0; id < tape_.nodes_.size(); ++id) {
    tape_.nodes_[id].instruction = std::move(program.instructions[id]);
  }
  tape_.point_.assign(static_cast<std::size_t>(tape_.inputs_), 0.0);
  tape_.parameter_values_.assign(static_cast<std::size_t>(tape_.parameters_), 0.0);
  tape_.output_weights_.assign(tape_.rows_.size() + 1, 0.0);
}

void TapeCompiler::compile() {
  mark_live();
  flatten_sums();
  mark_live();
  for (std::size_t id = 0; id < tape_.nodes_.size(); ++id) {
    Node& at = tape_.nodes_[id];
    if (!at.live) continue;
    longest_ = std::max(longest_, static_cast<std::size_t>(at.instruction.size));
    set_paces(at);
    set_constants(at);
    set_blocks(static_cast<int>(id));
  }
  set_adjoints();
  set_structures();
  OutputSweeps(tape_).choose();
  set_orders();
  scratch_size_ = std::max(scratch_size_, static_cast<std::size_t>(tape_.inputs_));
  tape_.scratch_ = tape_.arena_.take(scratch_size_ + kLanes);
  tape_.weighted_ = tape_.arena_.take(longest_ + kLanes);
  tape_.evaluate_values(Pace::load);
  tape_.evaluate_jacobians(Pace::load);
}

/** What reaches neither the objective nor a row is never evaluated. */
void TapeCompiler::mark_live() {
  for (Node& at : tape_.nodes_) at.live = false;
  node(tape_.objective_.node).live = true;
  for (const Element& row : tape_.rows_) node(row.node).live = true;
  for (std::size_t id = tape_.nodes_.size(); id-- > 0;) {
    const Node& at = tape_.nodes_[id];
    if (!at.live) continue;
    for (const int operand : at.instruction.operands) node(operand).live = true;
  }
}

/**
 * A chain of additions becomes one addition of many operands: otherwise the partial sums of a long
 * formula would each carry a wider Jacobian than the one before, and memory would grow by its square.
 */
void TapeCompiler::flatten_sums() {
  std::vector<int> uses(tape_.nodes_.size(), 0);
  uses[static_cast<std::size_t>(tape_.objective_.node)] += 2;
  for (const Element& row : tape_.rows_) uses[static_cast<std::size_t>(row.node)] += 2;
  for (const Node& at : tape_.nodes_) {
    if (!at.live) continue;
    for (const int operand : at.instruction.operands) ++uses[static_cast<std::size_t>(operand)];
  }
  for (Node& at : tape_.nodes_) {
    if (!at.live || at.instruction.op != Opcode::add) continue;
    std::vector<int> terms;
    for (const int id : at.instruction.operands) {
      Node& term = node(id);
      if (term.instruction.op == Opcode::add && uses[static_cast<std::size_t>(id)] == 1) {
        auto& inner = term.instruction.operands;
        // The longer list is moved, so a chain costs its length and not its square.
        if (terms.empty()) terms.swap(inner);
        for (const int part : inner) terms.push_back(part);
        inner.clear();
        term.live = false;
      } else {
        terms.push_back(id);
      }
    }
    at.instruction.operands = std::move(terms);
  }
}

void TapeCompiler::set_paces(Node& at) {
  const Opcode op = at.instruction.op;
  at.varies = op == Opcode::input;
  at.value_pace = op == Opcode::input       ? Pace::point
                  : op == Opcode::parameter ? Pace::solve
                                            : Pace::load;
  for (std::size_t i = 0; i < at.instruction.operands.size(); ++i) {
    const Node& from = operand(at, i);
    at.varies = at.varies || from.varies;
    at.value_pace = slower(at.value_pace, from.value_pace);
    if (from.varies) at.jacobian_pace = slower(at.jacobian_pace, from.jacobian_pace);
  }
  if (!at.varies) return;
  if (op == Opcode::map) at.jacobian_pace = Pace::point;
  if (op == Opcode::product) {
    // Linear in the factor that varies, with the other's values as coefficients.
    for (std::size_t i = 0; i < 2; ++i) {
      if (operand(at, 1 - i).varies) {
        at.jacobian_pace = slower(at.jacobian_pace, operand(at, i).value_pace);
      }
    }
  }
}

void TapeCompiler::set_constants(Node& at) {
  const auto size = static_cast<std::size_t>(at.instruction.size);
  at.value = tape_.arena_.take(size);
  if (at.instruction.op == Opcode::constant) {
    std::copy(at.instruction.reals.begin(), at.instruction.reals.end(), at.value);
  }
  if (at.instruction.op == Opcode::map) {
    at.function = find_function(at.instruction.function);
    if (at.varies) at.slope = tape_.arena_.take(size);
  }
}

Block TapeCompiler::new_block(int first, int count, SupportId support) {
  const int width = tape_.supports_.width(support);
  const int step = padded(width);
  double* jacobian =
      width == 0 ? nullptr
                 : tape_.arena_.take(static_cast<std::size_t>(count) * static_cast<std::size_t>(step));
  return {first, count, support, width, step, jacobian};
}

void TapeCompiler::set_blocks(int id) {
  Node& at = node(id);
  const Instruction& instruction = at.instruction;
  if (!at.varies) {
    at.blocks.push_back({0, instruction.size, kNoVariables, 0, 0, nullptr});
    return;
  }
  switch (instruction.op) {
    case Opcode::input:
      for (int i = 0; i < instruction.size; ++i) {
        const int variable = instruction.indices[static_cast<std::size_t>(i)];
        at.blocks.push_back(new_block(i, 1, tape_.supports_.find({variable})));
        at.blocks.back().jacobian[0] = 1.0;
      }
      break;
    case Opcode::gather: {
      const Node& from = operand(at, 0);
      const auto block_of = block_of_elements(from);
      std::vector<JacobianRow> rows;
      for (const int index : instruction.indices) {
        const int block = block_of[static_cast<std::size_t>(index)];
        rows.push_back({instruction.operands[0], block,
                        index - from.blocks[static_cast<std::size_t>(block)].first});
      }
      select_rows(at, rows);
      break;
    }
    case Opcode::concat: {
      std::vector<JacobianRow> rows;
      for (const int from : instruction.operands) {
        const auto& blocks = node(from).blocks;
        for (std::size_t b = 0; b < blocks.size(); ++b) {
          for (int r = 0; r < blocks[b].count; ++r) rows.push_back({from, static_cast<int>(b), r});
        }
      }
      select_rows(at, rows);
      break;
    }
    case Opcode::add:
      add_rows(at, std::vector<const double*>(instruction.operands.size(), nullptr));
      break;
    case Opcode::product: {
      // d(ab) = b da + a db: each operand's rows times the other's values.
      add_rows(at, {operand(at, 1).value, operand(at, 0).value});
      break;
    }
    case Opcode::scale:
      scale_rows_of(at, instruction.reals.data());
      break;
    case Opcode::map:
      scale_rows_of(at, at.slope);
      break;
    case Opcode::sum:
      sum_rows(at);
      break;
    case Opcode::affine:
      affine_rows(at);
      break;
    case Opcode::parameter:
    case Opcode::constant:
      break;
  }
}

void TapeCompiler::select_rows(Node& at, const std::vector<JacobianRow>& from) {
  const auto block = [&](const JacobianRow& row) -> const Block& {
    return node(row.node).blocks[static_cast<std::size_t>(row.block)];
  };
  const auto size = static_cast<int>(from.size());
  for (int first = 0; first < size;) {
    const Block& head = block(from[static_cast<std::size_t>(first)]);
    const double* start = jacobian_row(head, from[static_cast<std::size_t>(first)].row);
    int end = first;
    bool together = true;
    while (end < size && block(from[static_cast<std::size_t>(end)]).support == head.support) {
      const JacobianRow& row = from[static_cast<std::size_t>(end)];
      const double* expected = start + static_cast<Index>(end - first) * head.step;
      together = together && jacobian_row(block(row), row.row) == expected;
      ++end;
    }
    if (together || head.width == 0) {
      at.blocks.push_back({first, end - first, head.support, head.width, head.step,
                           const_cast<double*>(start)});
    } else {
      const Block made = new_block(first, end - first, head.support);
      for (int i = first; i < end; ++i) {
        const JacobianRow& row = from[static_cast<std::size_t>(i)];
        at.rows_operations.push_back({made.jacobian + static_cast<Index>(i - first) * made.step,
                                      made.step, jacobian_row(block(row), row.row), made.step, 1,
                                      made.step, nullptr, nullptr, true});
      }
      at.blocks.push_back(made);
    }
    first = end;
  }
}

void TapeCompiler::scale_rows_of(Node& at, const double* factor) {
  for (const Block& from : operand(at, 0).blocks) {
    const Block made = new_block(from.first, from.count, from.support);
    if (from.width > 0) {
      at.rows_operations.push_back({made.jacobian, made.step, from.jacobian, from.step, from.count,
                                    made.step, nullptr, factor + from.first, true});
    }
    at.blocks.push_back(made);
  }
}

void TapeCompiler::add_rows(Node& at, const std::vector<const double*>& factors) {
  std::vector<const Node*> operands;
  for (std::size_t i = 0; i < factors.size(); ++i) operands.push_back(&operand(at, i));
  const auto pieces = pieces_of(at.instruction.size, operands);
  for (std::size_t p = 0; p < pieces.size();) {
    const auto support_of = [&](const Piece& piece) {
      std::vector<SupportId> ids;
      for (const Block* block : piece.operands) ids.push_back(block->support);
      return tape_.supports_.union_of(ids);
    };
    const SupportId support = support_of(pieces[p]);
    std::size_t last = p;
    int count = 0;
    while (last < pieces.size() && support_of(pieces[last]) == support) count += pieces[last++].count;
    const Block made = new_block(pieces[p].first, count, support);
    bool clear = false;
    for (; p < last; ++p) {
      const Piece& piece = pieces[p];
      double* to = made.jacobian + static_cast<Index>(piece.first - made.first) * made.step;
      bool written = false;
      for (std::size_t i = 0; i < piece.operands.size(); ++i) {
        const Block& from = *piece.operands[i];
        if (from.width == 0) continue;
        const int* positions = tape_.supports_.positions(from.support, support);
        const bool assign = !written && positions == nullptr;
        clear = clear || (!written && positions != nullptr);
        at.rows_operations.push_back({to, made.step, jacobian_row(from, piece.first - from.first),
                                      from.step, piece.count,
                                      positions == nullptr ? made.step : from.width, positions,
                                      factors[i] == nullptr ? nullptr : factors[i] + piece.first,
                                      assign});
        written = true;
      }
    }
    if (clear) {
      at.clears.push_back({made.jacobian, static_cast<std::size_t>(made.count) *
                                              static_cast<std::size_t>(made.step)});
    }
    at.blocks.push_back(made);
  }
}

void TapeCompiler::sum_rows(Node& at) {
  const Node& from = operand(at, 0);
  const auto block_of = block_of_elements(from);
  const int length = at.instruction.length;
  std::vector<SupportId> supports;
  for (int i = 0; i < at.instruction.size; ++i) {
    std::vector<SupportId> ids;
    for (int e = i * length; e < (i + 1) * length;) {
      const Block& block = from.blocks[static_cast<std::size_t>(block_of[static_cast<std::size_t>(e)])];
      ids.push_back(block.support);
      e = block.first + block.count;
    }
    supports.push_back(tape_.supports_.union_of(ids));
  }
  for (int first = 0; first < at.instruction.size;) {
    const SupportId support = supports[static_cast<std::size_t>(first)];
    int end = first;
    while (end < at.instruction.size && supports[static_cast<std::size_t>(end)] == support) ++end;
    const Block made = new_block(first, end - first, support);
    if (made.width > 0) {
      at.clears.push_back({made.jacobian, static_cast<std::size_t>(made.count) *
                                              static_cast<std::size_t>(made.step)});
    }
    for (int e = first * length; e < end * length;) {
      const Block& block = from.blocks[static_cast<std::size_t>(block_of[static_cast<std::size_t>(e)])];
      const int row = e / length;
      const int stop = std::min(block.first + block.count, (row + 1) * length);
      if (block.width > 0) {
        const int* positions = tape_.supports_.positions(block.support, support);
        at.rows_operations.push_back(
            {made.jacobian + static_cast<Index>(row - first) * made.step, 0,
             jacobian_row(block, e - block.first), block.step, stop - e,
             positions == nullptr ? made.step : block.width, positions, nullptr, false});
      }
      e = stop;
    }
    at.blocks.push_back(made);
    first = end;
  }
}

void TapeCompiler::affine_rows(Node& at) {
  const Node& from = operand(at, 0);
  const Instruction& instruction = at.instruction;
  const auto block_of = block_of_elements(from);
  const auto blocks_of_segment = [&](int segment) {
    std::vector<const Block*> result;
    for (int e = segment * instruction.cols; e < (segment + 1) * instruction.cols;) {
      const Block& block = from.blocks[static_cast<std::size_t>(block_of[static_cast<std::size_t>(e)])];
      result.push_back(&block);
      e = block.first + block.count;
    }
    return result;
  };
  for (int segment = 0; segment < instruction.repeat; ++segment) {
    const auto blocks = blocks_of_segment(segment);
    std::vector<SupportId> ids;
    for (const Block* block : blocks) ids.push_back(block->support);
    const SupportId support = tape_.supports_.union_of(ids);
    const Block made = new_block(segment * instruction.rows, instruction.rows, support);
    bool written = false;
    for (const Block* block : blocks) {
      if (block->width == 0) continue;
      const int begin = std::max(block->first, segment * instruction.cols);
      const int end = std::min(block->first + block->count, (segment + 1) * instruction.cols);
      const int* positions = tape_.supports_.positions(block->support, support);
      const bool assign = !written && positions == nullptr;
      if (!written && !assign) {
        at.clears.push_back({made.jacobian, static_cast<std::size_t>(made.count) *
                                                static_cast<std::size_t>(made.step)});
      }
      written = true;
      at.weights_operations.push_back(
          {made.jacobian, made.step,
           instruction.reals.data() + (begin - segment * instruction.cols), instruction.cols,
           instruction.rows, jacobian_row(*block, begin - block->first), block->step, end - begin,
           positions == nullptr ? made.step : block->width, positions, assign});
      if (positions != nullptr) {
        scratch_size_ = std::max(scratch_size_, static_cast<std::size_t>(instruction.rows) *
                                                    static_cast<std::size_t>(block->step));
      }
    }
    at.blocks.push_back(made);
  }
}

Tape::Tape(PackedProgram program) { TapeCompiler(*this, std::move(program)).compile(); }

}  // namespace setpoint
