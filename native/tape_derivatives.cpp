/** Derivatives of a tape: Jacobian blocks forward, adjoints in reverse, and the curvature between. */
#include "tape.hpp"

namespace setpoint {
namespace {

void run(const RowsOperation& operation) {
  if (operation.assign && operation.factor != nullptr) {
    scale_rows(operation.factor, operation.from, operation.from_step, operation.to,
               operation.to_step, operation.rows, operation.width);
    return;
  }
  for (int r = 0; r < operation.rows; ++r) {
    const double factor = operation.factor == nullptr ? 1.0 : operation.factor[r];
    double* to = operation.to + r * operation.to_step;
    const double* from = operation.from + r * operation.from_step;
    if (operation.assign) {
      for (int c = 0; c < operation.width; ++c) to[c] = factor * from[c];
    } else if (operation.positions == nullptr) {
      for (int c = 0; c < operation.width; ++c) to[c] += factor * from[c];
    } else {
      for (int c = 0; c < operation.width; ++c) to[operation.positions[c]] += factor * from[c];
    }
  }
}

void run(const WeightsOperation& operation, double* scratch) {
  const Left weights{operation.weights, operation.weights_step, 1};
  if (operation.positions == nullptr) {
    multiply(weights, operation.from, operation.from_step, operation.to, operation.to_step,
             operation.rows, operation.depth, operation.width, !operation.assign);
    return;
  }
  const int step = padded(operation.width);
  multiply(weights, operation.from, operation.from_step, scratch, step, operation.rows,
           operation.depth, step, false);
  for (int r = 0; r < operation.rows; ++r) {
    double* to = operation.to + r * operation.to_step;
    const double* from = scratch + static_cast<Index>(r) * step;
    for (int c = 0; c < operation.width; ++c) to[operation.positions[c]] += from[c];
  }
}

void run(const RowProduct& product, double* scratch) {
  if (product.positions == nullptr) {
    add_rows(product.adjoint, 1, product.jacobian, product.step, product.to, product.count,
             product.width);
    return;
  }
  std::fill_n(scratch, product.width, 0.0);
  add_rows(product.adjoint, 1, product.jacobian, product.step, scratch, product.count,
           product.width);
  for (int c = 0; c < product.width; ++c) product.to[product.positions[c]] += scratch[c];
}

/**
 * factor · weight, and 0 where the weight is 0: what does not depend on an element is not hurt by its
 * infinite slope.
 */
template <class V> V weighted(V factor, V weight) {
  return weight == 0.0 ? all<V>(0.0) : factor * weight;
}

/** to += diag(slope) adjoint. */
void add_scaled(int size, const double* slope, const double* adjoint, double* to) {
  in_vectors(size, [&](int i, auto lanes) {
    using V = decltype(lanes);
    store(to + i, load<V>(to + i) + weighted(load<V>(slope + i), load<V>(adjoint + i)));
  });
}

/** to += weight · adjoint. */
void add(int size, double weight, const double* adjoint, double* to) {
  in_vectors(size, [&](int i, auto lanes) {
    using V = decltype(lanes);
    store(to + i, load<V>(to + i) + weight * load<V>(adjoint + i));
  });
}

}  // namespace

void Tape::evaluate_jacobians(Pace pace) {
  for (const int id : jacobian_order_[static_cast<std::size_t>(pace)]) {
    const Node& at = nodes_[static_cast<std::size_t>(id)];
    for (const Clear& clear : at.clears) std::fill_n(clear.from, clear.count, 0.0);
    for (const RowsOperation& operation : at.rows_operations) run(operation);
    for (const WeightsOperation& operation : at.weights_operations) run(operation, scratch_);
  }
}

void Tape::hand_down(const AdjointStep& step) {
  const Node& at = nodes_[static_cast<std::size_t>(step.node)];
  const Instruction& instruction = at.instruction;
  const auto value = [&](std::size_t which) {
    return nodes_[static_cast<std::size_t>(instruction.operands[which])].value;
  };
  const int size = instruction.size;
  const double* adjoint = step.adjoint;
  double* first = step.to.empty() ? nullptr : step.to[0];
  switch (instruction.op) {
    case Opcode::input:
    case Opcode::parameter:
    case Opcode::constant:
      break;
    case Opcode::affine: {
      if (first == nullptr) break;
      const Index rows = instruction.rows, cols = instruction.cols;
      for (Index s = 0; s < instruction.repeat; ++s) {
        add_rows(adjoint + s * rows, 1, instruction.reals.data(), cols, first + s * cols,
                 instruction.rows, instruction.cols);
      }
      break;
    }
    case Opcode::gather:
      if (first == nullptr) break;
      for (int i = 0; i < size; ++i) {
        first[instruction.indices[static_cast<std::size_t>(i)]] += adjoint[i];
      }
      break;
    case Opcode::concat:
      for (std::size_t k = 0; k < step.to.size(); ++k) {
        const int part =
            nodes_[static_cast<std::size_t>(instruction.operands[k])].instruction.size;
        if (step.to[k] != nullptr) add(part, 1.0, adjoint, step.to[k]);
        adjoint += part;
      }
      break;
    case Opcode::add:
      for (double* to : step.to) {
        if (to != nullptr) add(size, 1.0, adjoint, to);
      }
      break;
    case Opcode::scale:
      if (first != nullptr) add_scaled(size, instruction.reals.data(), adjoint, first);
      break;
    case Opcode::sum:
      if (first == nullptr) break;
      for (int i = 0; i < size; ++i) {
        for (int k = 0; k < instruction.length; ++k) *first++ += adjoint[i];
      }
      break;
    case Opcode::map:
      if (first != nullptr) add_scaled(size, at.slope, adjoint, first);
      break;
    case Opcode::product:
      if (first != nullptr) add_scaled(size, value(1), adjoint, first);
      if (step.to[1] != nullptr) add_scaled(size, value(0), adjoint, step.to[1]);
      break;
  }
}

/** First derivatives of the outputs that are taken in reverse. */
void Tape::sweep_outputs() {
  for (const Clear& clear : output_clears_) std::fill_n(clear.from, clear.count, 0.0);
  for (double* seed : output_seeds_) *seed += 1.0;
  for (const AdjointStep& step : output_sweep_) hand_down(step);
  for (const RowProduct& product : row_products_) run(product, scratch_);
}

/** Where first derivatives were taken in reverse, their adjoints are there, output by output. */
void Tape::add_swept_curvature() {
  for (const AdjointSum& sum : adjoint_sums_) {
    const Node& at = nodes_[static_cast<std::size_t>(sum.node)];
    const int size = at.instruction.size;
    const double* from = sum.adjoints;
    std::fill_n(at.adjoint, size, 0.0);
    for (const int output : sum.outputs) {
      const double weight = output_weights_[static_cast<std::size_t>(output)];
      if (weight != 0.0) add(size, weight, from, at.adjoint);
      from += size;
    }
    bend(at);
  }
}

/** Elsewhere one sweep carries the adjoints of the whole Lagrangian. */
void Tape::add_lagrangian_curvature() {
  for (const AdjointStep& step : lagrangian_sweep_) {
    const Node& at = nodes_[static_cast<std::size_t>(step.node)];
    std::fill_n(at.adjoint, at.instruction.size, 0.0);
  }
  const auto seed = [&](const Element& element, double weight) {
    const Node& at = nodes_[static_cast<std::size_t>(element.node)];
    if (at.needs_adjoint && !at.swept) at.adjoint[element.element] += weight;
  };
  seed(objective_, output_weights_[0]);
  for (std::size_t row = 0; row < rows_.size(); ++row) seed(rows_[row], output_weights_[row + 1]);
  for (const AdjointStep& step : lagrangian_sweep_) {
    bend(nodes_[static_cast<std::size_t>(step.node)]);
    hand_down(step);
  }
}

/** What one instruction with its adjoint adds to the Hessian. */
void Tape::bend(const Node& at) {
  if (at.curvatures.empty()) return;
  if (at.instruction.op == Opcode::product) {
    add_curvature(at, at.adjoint);
    return;
  }
  const Instruction& instruction = at.instruction;
  const Node& from = nodes_[static_cast<std::size_t>(instruction.operands[0])];
  at.function->second(instruction.size, from.value, at.value, at.slope, weighted_,
                      {instruction.reals[0], instruction.reals[1]});
  in_vectors(instruction.size, [&](int i, auto lanes) {
    using V = decltype(lanes);
    store(weighted_ + i, weighted(load<V>(weighted_ + i), load<V>(at.adjoint + i)));
  });
  add_curvature(at, weighted_);
}

/** The pieces Aᵀ diag(d) B of one instruction. */
void Tape::add_curvature(const Node& at, const double* d) {
  for (const Curvature& piece : at.curvatures) {
    const double* weights = d + piece.first;
    if (std::all_of(weights, weights + piece.count, [](double w) { return w == 0.0; })) continue;
    const HessianBlock& block = hessian_blocks_[static_cast<std::size_t>(piece.block)];
    if (block.symmetric) {
      multiply_lower(weights, piece.a, piece.a_step, block.sums, block.step, piece.count,
                     block.step, scratch_);
    } else {
      scale_rows(weights, piece.a, piece.a_step, scratch_, piece.a_step, piece.count,
                 static_cast<int>(piece.a_step));
      multiply({scratch_, 1, piece.a_step}, piece.b, piece.b_step, block.sums, block.step,
               block.height, piece.count, block.step, true);
    }
  }
}

}  // namespace setpoint
