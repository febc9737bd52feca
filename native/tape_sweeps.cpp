#include "tape_sweeps.hpp"

#include <algorithm>

namespace setpoint {
namespace {

/** Multiplications that take as long as it takes to start an operation. */
constexpr double kStart = 16.0;
/** Points of a solve whose Hessian is not asked for (the start, the last), for each other one. */
constexpr double kFirstAlone = 0.2;

double forward_cost(const Node& at) {
  double cost = 0.0;
  for (const RowsOperation& operation : at.rows_operations) {
    cost += kStart + static_cast<double>(operation.rows) * operation.width;
  }
  for (const WeightsOperation& operation : at.weights_operations) {
    cost += kStart + static_cast<double>(operation.rows) * operation.depth * operation.width;
  }
  return cost;
}

/** Of handing one adjoint to the operands. */
double reverse_cost(const Node& at) {
  const Instruction& instruction = at.instruction;
  const double size = instruction.size;
  if (instruction.op == Opcode::affine) return kStart + size * instruction.cols;
  if (instruction.op == Opcode::sum) return kStart + size * instruction.length;
  if (instruction.op == Opcode::concat) return kStart + size;
  return kStart + size * static_cast<double>(instruction.operands.size());
}

}  // namespace

bool OutputSweeps::Part::is_worth_it() const {
  const double saved = forward - reverse;
  const double lost = (reverse + curved) - (forward + lagrangian);
  return saved > 0.0 && lost <= kFirstAlone * saved;
}

OutputSweeps::OutputSweeps(Tape& tape)
    : tape_(tape),
      parents_(tape.nodes_.size()),
      parts_(tape.nodes_.size()),
      curved_(tape.nodes_.size()),
      reach_(tape.nodes_.size(), kNoVariables),
      adjoints_(tape.nodes_.size()),
      end_costs_(tape.nodes_.size(), -1.0),
      rows_(tape.rows_.size() + 1) {}

void OutputSweeps::choose() {
  join();
  mark_curved();
  add_costs();
  reach_back();
  take_over();
}

bool OutputSweeps::is_moving(int id) {
  const Node& at = node(id);
  return at.live && at.varies && at.jacobian_pace >= Pace::point;
}

const Element& OutputSweeps::output(int number) const {
  return number == 0 ? tape_.objective_ : tape_.rows_[static_cast<std::size_t>(number - 1)];
}

int OutputSweeps::part_of(int id) {
  const auto parent = [&](int of) -> int& { return parents_[static_cast<std::size_t>(of)]; };
  while (parent(id) != id) id = parent(id) = parent(parent(id));
  return id;
}

void OutputSweeps::join() {
  for (std::size_t id = 0; id < parents_.size(); ++id) parents_[id] = static_cast<int>(id);
  for (int id = 0; id < static_cast<int>(parents_.size()); ++id) {
    if (!is_moving(id)) continue;
    for (const int operand : node(id).instruction.operands) {
      if (is_moving(operand)) parents_[static_cast<std::size_t>(part_of(operand))] = part_of(id);
    }
  }
}

void OutputSweeps::mark_curved() {
  for (std::size_t id = curved_.size(); id-- > 0;) {
    const Node& at = node(static_cast<int>(id));
    if (!curved_[id] && at.curvatures.empty()) continue;
    for (const int operand : at.instruction.operands) {
      curved_[static_cast<std::size_t>(operand)] = true;
    }
  }
}

void OutputSweeps::add_costs() {
  for (int id = 0; id < static_cast<int>(parents_.size()); ++id) {
    if (!is_moving(id)) continue;
    const Node& at = node(id);
    const double forward = forward_cost(at);
    part(id).forward += forward;
    if (curved_[static_cast<std::size_t>(id)]) part(id).curved += forward;
    if (at.needs_adjoint) part(id).lagrangian += reverse_cost(at);
  }
}

/** Finds the outputs that depend on each moving instruction, and what their adjoints cost. */
void OutputSweeps::reach_back() {
  std::vector<std::vector<SupportId>> found(parents_.size());
  for (int number = 0; number < static_cast<int>(rows_.size()); ++number) {
    found[static_cast<std::size_t>(output(number).node)].push_back(outputs_.find({number}));
  }
  for (int id = static_cast<int>(parents_.size()); id-- > 0;) {
    std::vector<SupportId> sets;
    sets.swap(found[static_cast<std::size_t>(id)]);
    // Sets are made only as long as they can bring something, so they stay as small as the blocks.
    if (!is_moving(id) || part(id).reverse > part(id).forward) continue;
    const SupportId reach = outputs_.union_of(sets);
    reach_[static_cast<std::size_t>(id)] = reach;
    double each = reverse_cost(node(id));
    for (const int operand : node(id).instruction.operands) {
      if (is_moving(operand)) {
        found[static_cast<std::size_t>(operand)].push_back(reach);
      } else if (node(operand).varies) {
        each += end_cost(operand);
      }
    }
    part(id).reverse += each * outputs_.width(reach);
  }
}

double OutputSweeps::end_cost(int id) {
  double& cost = end_costs_[static_cast<std::size_t>(id)];
  if (cost < 0.0) {
    cost = 0.0;
    for (const Block& block : node(id).blocks) {
      if (block.width > 0) cost += kStart + static_cast<double>(block.count) * block.width;
    }
  }
  return cost;
}

/** Gives the parts for which it is worth it to the sweep, and lays it out. */
void OutputSweeps::take_over() {
  std::vector<std::vector<SupportId>> ends(parents_.size());
  std::vector<int> order;
  for (int id = static_cast<int>(parents_.size()); id-- > 0;) {
    const auto at = static_cast<std::size_t>(id);
    const bool swept = is_moving(id) && part(id).is_worth_it();
    if (!swept) {
      reach_[at] = outputs_.union_of(ends[at]);
      if (reach_[at] == kNoVariables) continue;
    }
    order.push_back(id);
    const auto count = static_cast<std::size_t>(outputs_.width(reach_[at])) *
                       static_cast<std::size_t>(node(id).instruction.size);
    adjoints_[at] = tape_.arena_.take(count);
    tape_.output_clears_.push_back({adjoints_[at], count});
    if (!swept) continue;
    node(id).swept = true;
    node(id).needs_jacobian = curved_[at];
    node(id).jacobian_pace = Pace::curvature;
    for (const int operand : node(id).instruction.operands) {
      if (!is_moving(operand) && node(operand).varies) {
        ends[static_cast<std::size_t>(operand)].push_back(reach_[at]);
      }
    }
  }
  for (int number = 0; number < static_cast<int>(rows_.size()); ++number) add_output(number);
  for (const int id : order) {
    if (node(id).swept) {
      add_steps(id);
    } else {
      add_products(id);
    }
  }
}

void OutputSweeps::add_output(int number) {
  const Element& element = output(number);
  if (!node(element.node).swept) return;
  const auto at = static_cast<std::size_t>(element.node);
  RowSource& source = number == 0 ? tape_.objective_source_
                                  : tape_.row_sources_[static_cast<std::size_t>(number - 1)];
  const auto width = static_cast<std::size_t>(padded(tape_.supports_.width(source.support)));
  double* row = tape_.arena_.take(width);
  source.from = rows_[static_cast<std::size_t>(number)] = row;
  tape_.output_clears_.push_back({row, width});
  const int* place = outputs_.positions(outputs_.find({number}), reach_[at]);
  const Index before = place == nullptr ? 0 : Index{*place} * node(element.node).instruction.size;
  tape_.output_seeds_.push_back(adjoints_[at] + before + element.element);
}

/** One step for each output that depends on an instruction of a swept part. */
void OutputSweeps::add_steps(int id) {
  const auto at = static_cast<std::size_t>(id);
  const Instruction& instruction = node(id).instruction;
  const auto& outputs = outputs_.variables(reach_[at]);
  for (std::size_t r = 0; r < outputs.size(); ++r) {
    AdjointStep step{id, adjoints_[at] + static_cast<Index>(r) * instruction.size, {}};
    for (const int operand : instruction.operands) {
      double* to = nullptr;
      if (node(operand).varies) {
        const auto into = static_cast<std::size_t>(operand);
        const int* places = outputs_.positions(reach_[at], reach_[into]);
        const Index place = places == nullptr ? static_cast<Index>(r) : places[r];
        to = adjoints_[into] + place * node(operand).instruction.size;
      }
      step.to.push_back(to);
    }
    tape_.output_sweep_.push_back(std::move(step));
  }
  if (!node(id).curvatures.empty()) tape_.adjoint_sums_.push_back({id, outputs, adjoints_[at]});
}

/** Where adjoints end: their products with blocks that stand still. */
void OutputSweeps::add_products(int id) {
  const auto at = static_cast<std::size_t>(id);
  const Node& end = node(id);
  const double* adjoint = adjoints_[at];
  for (const int number : outputs_.variables(reach_[at])) {
    const SupportId whole =
        number == 0 ? tape_.objective_source_.support
                    : tape_.row_sources_[static_cast<std::size_t>(number - 1)].support;
    const auto& variables = tape_.supports_.variables(whole);
    for (const Block& block : end.blocks) {
      const auto& own = tape_.supports_.variables(block.support);
      // An output that does not depend on all of a block's variables depends on none of its elements.
      if (block.width == 0 ||
          !std::includes(variables.begin(), variables.end(), own.begin(), own.end())) {
        continue;
      }
      const int* positions = tape_.supports_.positions(block.support, whole);
      tape_.row_products_.push_back({adjoint + block.first, block.jacobian, block.step, block.count,
                                     positions == nullptr ? block.step : block.width, positions,
                                     rows_[static_cast<std::size_t>(number)]});
    }
    adjoint += end.instruction.size;
  }
}

}  // namespace setpoint
