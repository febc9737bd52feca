#include "tape.hpp"

#include <Eigen/Core>

namespace setpoint {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const Matrix>;
using Vector = Eigen::Map<Eigen::VectorXd>;
using ConstVector = Eigen::Map<const Eigen::VectorXd>;

constexpr std::size_t kChunk = std::size_t{1} << 15;
constexpr std::size_t kBoundary = 64 / sizeof(double);

void run(const RowsOperation& operation) {
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

}  // namespace

double* Arena::take(std::size_t count) {
  const std::size_t rounded = std::max<std::size_t>((count + kBoundary - 1) / kBoundary, 1) * kBoundary;
  if (rounded > left_) {
    const std::size_t size = std::max(rounded, kChunk) + kBoundary;
    chunks_.push_back(std::make_unique<double[]>(size));  // value-initialised: zeros
    const auto address = reinterpret_cast<std::uintptr_t>(chunks_.back().get());
    const std::uintptr_t aligned = (address + 63) / 64 * 64;
    next_ = chunks_.back().get() + (aligned - address) / sizeof(double);
    left_ = size - kBoundary;
    total_ += size;
  }
  double* result = next_;
  next_ += rounded;
  left_ -= rounded;
  return result;
}

void Tape::set_parameters(const double* p) {
  std::copy_n(p, parameter_values_.size(), parameter_values_.begin());
  evaluate_values(Pace::solve);
  evaluate_jacobians(Pace::solve);
  point_known_ = values_known_ = jacobians_known_ = false;
}

void Tape::set_point(const double* x) {
  if (point_known_ && std::equal(point_.begin(), point_.end(), x)) return;
  std::copy_n(x, point_.size(), point_.begin());
  point_known_ = true;
  values_known_ = jacobians_known_ = false;
}

void Tape::evaluate_values(Pace pace) {
  for (const int id : value_order_[static_cast<std::size_t>(pace)]) {
    const Node& at = nodes_[static_cast<std::size_t>(id)];
    const Instruction& instruction = at.instruction;
    const auto operand = [&](std::size_t which) {
      return static_cast<const double*>(
          nodes_[static_cast<std::size_t>(instruction.operands[which])].value);
    };
    const int size = instruction.size;
    double* to = at.value;
    switch (instruction.op) {
      case Opcode::input:
        for (int i = 0; i < size; ++i) {
          to[i] = point_[static_cast<std::size_t>(instruction.indices[static_cast<std::size_t>(i)])];
        }
        break;
      case Opcode::parameter:
        for (int i = 0; i < size; ++i) {
          to[i] = parameter_values_[static_cast<std::size_t>(
              instruction.indices[static_cast<std::size_t>(i)])];
        }
        break;
      case Opcode::constant:
        break;
      case Opcode::affine: {
        const double* weights = instruction.reals.data();
        const Index rows = instruction.rows, cols = instruction.cols;
        const ConstMatrix w(weights, rows, cols);
        const ConstVector offset(weights + rows * cols, rows);
        for (Index s = 0; s < instruction.repeat; ++s) {
          Vector result(to + s * rows, rows);
          result = offset;
          result.noalias() += w * ConstVector(operand(0) + s * cols, cols);
        }
        break;
      }
      case Opcode::gather: {
        const double* from = operand(0);
        for (int i = 0; i < size; ++i) to[i] = from[instruction.indices[static_cast<std::size_t>(i)]];
        break;
      }
      case Opcode::concat:
        for (const int part : instruction.operands) {
          const Node& from = nodes_[static_cast<std::size_t>(part)];
          to = std::copy_n(from.value, from.instruction.size, to);
        }
        break;
      case Opcode::add: {
        std::copy_n(operand(0), size, to);
        for (std::size_t k = 1; k < instruction.operands.size(); ++k) {
          const double* from = operand(k);
          for (int i = 0; i < size; ++i) to[i] += from[i];
        }
        break;
      }
      case Opcode::scale: {
        const double* from = operand(0);
        const double* factor = instruction.reals.data();
        const double* offset = factor + size;
        for (int i = 0; i < size; ++i) to[i] = factor[i] * from[i] + offset[i];
        break;
      }
      case Opcode::sum: {
        const double* from = operand(0);
        for (int i = 0; i < size; ++i) {
          double total = 0.0;
          for (int k = 0; k < instruction.length; ++k) total += *from++;
          to[i] = total;
        }
        break;
      }
      case Opcode::map:
        at.function->value(size, operand(0), to, {instruction.reals[0], instruction.reals[1]});
        break;
      case Opcode::product: {
        const double* a = operand(0);
        const double* b = operand(1);
        for (int i = 0; i < size; ++i) to[i] = a[i] * b[i];
        break;
      }
    }
  }
}

void Tape::evaluate_jacobians(Pace pace) {
  for (const int id : jacobian_order_[static_cast<std::size_t>(pace)]) {
    const Node& at = nodes_[static_cast<std::size_t>(id)];
    if (at.slope != nullptr) {
      const Instruction& instruction = at.instruction;
      const Node& from = nodes_[static_cast<std::size_t>(instruction.operands[0])];
      at.function->first(instruction.size, from.value, at.value, at.slope,
                         {instruction.reals[0], instruction.reals[1]});
    }
    for (const Clear& clear : at.clears) std::fill_n(clear.from, clear.count, 0.0);
    for (const RowsOperation& operation : at.rows_operations) run(operation);
    for (const WeightsOperation& operation : at.weights_operations) run(operation, scratch_);
  }
}

void Tape::need_values() {
  if (values_known_) return;
  evaluate_values(Pace::point);
  values_known_ = true;
}

void Tape::need_jacobians() {
  need_values();
  if (jacobians_known_) return;
  evaluate_jacobians(Pace::point);
  jacobians_known_ = true;
}

double Tape::objective() {
  need_values();
  return nodes_[static_cast<std::size_t>(objective_.node)].value[objective_.element];
}

void Tape::row_values(double* out) {
  need_values();
  for (const Element& row : rows_) {
    *out++ = nodes_[static_cast<std::size_t>(row.node)].value[row.element];
  }
}

void Tape::gradient(double* out) {
  need_jacobians();
  std::fill_n(out, inputs_, 0.0);
  for (const Block& block : nodes_[static_cast<std::size_t>(objective_.node)].blocks) {
    const int row = objective_.element - block.first;
    if (row < 0 || row >= block.count) continue;
    const double* from = block.jacobian + static_cast<Index>(row) * block.step;
    for (const int variable : supports_.variables(block.support)) out[variable] = *from++;
  }
}

void Tape::jacobian(double* out) {
  need_jacobians();
  for (const RowSource& row : row_sources_) out = std::copy_n(row.from, row.width, out);
}

/** The pieces Aᵀ diag(d) B of one instruction. */
void Tape::add_curvature(const Node& at, const double* d) {
  for (const Curvature& piece : at.curvatures) {
    const double* weights = d + piece.first;
    if (std::all_of(weights, weights + piece.count, [](double w) { return w == 0.0; })) continue;
    const HessianBlock& block = hessian_blocks_[static_cast<std::size_t>(piece.block)];
    scale_rows(weights, piece.a, piece.a_step, scratch_, piece.a_step, piece.count,
               static_cast<int>(piece.a_step));
    if (block.symmetric) {
      multiply_lower(scratch_, piece.b, piece.b_step, block.sums, block.step, piece.count,
                     block.step);
    } else {
      multiply({scratch_, 1, piece.a_step}, piece.b, piece.b_step, block.sums, block.step,
               block.height, piece.count, block.step, true);
    }
  }
}

/** Adds the curvature of one instruction and hands its adjoint to its operands. */
void Tape::sweep_back(Node& at) {
  const Instruction& instruction = at.instruction;
  const auto operand = [&](std::size_t which) -> Node& {
    return nodes_[static_cast<std::size_t>(instruction.operands[which])];
  };
  const int size = instruction.size;
  const double* adjoint = at.adjoint;
  switch (instruction.op) {
    case Opcode::input:
    case Opcode::parameter:
    case Opcode::constant:
      break;
    case Opcode::affine: {
      const Index rows = instruction.rows, cols = instruction.cols;
      const ConstMatrix w(instruction.reals.data(), rows, cols);
      for (Index s = 0; s < instruction.repeat; ++s) {
        Vector(operand(0).adjoint + s * cols, cols).noalias() +=
            w.transpose() * ConstVector(adjoint + s * rows, rows);
      }
      break;
    }
    case Opcode::gather: {
      double* to = operand(0).adjoint;
      for (int i = 0; i < size; ++i) to[instruction.indices[static_cast<std::size_t>(i)]] += adjoint[i];
      break;
    }
    case Opcode::concat:
      for (std::size_t k = 0; k < instruction.operands.size(); ++k) {
        const Node& part = operand(k);
        if (part.needs_adjoint) {
          for (int i = 0; i < part.instruction.size; ++i) part.adjoint[i] += adjoint[i];
        }
        adjoint += part.instruction.size;
      }
      break;
    case Opcode::add:
      for (std::size_t k = 0; k < instruction.operands.size(); ++k) {
        const Node& term = operand(k);
        if (!term.needs_adjoint) continue;
        for (int i = 0; i < size; ++i) term.adjoint[i] += adjoint[i];
      }
      break;
    case Opcode::scale: {
      double* to = operand(0).adjoint;
      for (int i = 0; i < size; ++i) {
        to[i] += instruction.reals[static_cast<std::size_t>(i)] * adjoint[i];
      }
      break;
    }
    case Opcode::sum: {
      double* to = operand(0).adjoint;
      for (int i = 0; i < size; ++i) {
        for (int k = 0; k < instruction.length; ++k) *to++ += adjoint[i];
      }
      break;
    }
    case Opcode::map: {
      const Node& from = operand(0);
      if (at.function->curved) {
        at.function->second(size, from.value, at.value, at.slope, weighted_,
                            {instruction.reals[0], instruction.reals[1]});
        for (int i = 0; i < size; ++i) weighted_[i] *= adjoint[i];
        add_curvature(at, weighted_);
      }
      if (from.needs_adjoint) {
        for (int i = 0; i < size; ++i) from.adjoint[i] += at.slope[i] * adjoint[i];
      }
      break;
    }
    case Opcode::product: {
      const Node& a = operand(0);
      const Node& b = operand(1);
      add_curvature(at, adjoint);
      if (a.needs_adjoint) {
        for (int i = 0; i < size; ++i) a.adjoint[i] += b.value[i] * adjoint[i];
      }
      if (b.needs_adjoint) {
        for (int i = 0; i < size; ++i) b.adjoint[i] += a.value[i] * adjoint[i];
      }
      break;
    }
  }
}

void Tape::hessian(double sigma, const double* lambda, double* out) {
  need_jacobians();
  for (const int id : adjoint_order_) {
    const Node& at = nodes_[static_cast<std::size_t>(id)];
    std::fill_n(at.adjoint, at.instruction.size, 0.0);
  }
  const auto seed = [&](const Element& element, double weight) {
    const Node& at = nodes_[static_cast<std::size_t>(element.node)];
    if (at.needs_adjoint) at.adjoint[element.element] += weight;
  };
  seed(objective_, sigma);
  for (std::size_t row = 0; row < rows_.size(); ++row) seed(rows_[row], lambda[row]);
  for (const HessianBlock& block : hessian_blocks_) {
    std::fill_n(block.sums, static_cast<Index>(block.height) * block.step, 0.0);
  }
  for (const int id : adjoint_order_) sweep_back(nodes_[static_cast<std::size_t>(id)]);
  std::fill_n(out, hessian_structure_.size(), 0.0);
  for (const HessianBlock& block : hessian_blocks_) {
    const int* target = block.targets.data();
    const auto& rows = supports_.variables(block.rows);
    const auto& columns = supports_.variables(block.columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double* sums = block.sums + static_cast<Index>(i) * block.step;
      if (block.symmetric) {
        for (std::size_t j = 0; j <= i; ++j) out[*target++] += sums[j];
      } else {
        // The transpose falls on the same nonzero, and on the diagonal twice.
        for (std::size_t j = 0; j < columns.size(); ++j) {
          out[*target++] += rows[i] == columns[j] ? 2.0 * sums[j] : sums[j];
        }
      }
    }
  }
}

}  // namespace setpoint
