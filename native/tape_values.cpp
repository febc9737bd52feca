/** Values of a tape, instruction by instruction. */
#include <Eigen/Core>

#include "tape.hpp"

namespace setpoint {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const Matrix>;
using Vector = Eigen::Map<Eigen::VectorXd>;
using ConstVector = Eigen::Map<const Eigen::VectorXd>;

}  // namespace

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

}  // namespace setpoint
