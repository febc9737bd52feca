#include "tape.hpp"

namespace setpoint {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 15;
constexpr std::size_t kBoundary = 64 / sizeof(double);

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
  point_known_ = values_known_ = first_known_ = curvature_known_ = false;
}

void Tape::set_point(const double* x) {
  if (point_known_ && std::equal(point_.begin(), point_.end(), x)) return;
  std::copy_n(x, point_.size(), point_.begin());
  point_known_ = true;
  values_known_ = first_known_ = curvature_known_ = false;
}

void Tape::need_values() {
  if (values_known_) return;
  evaluate_values(Pace::point);
  values_known_ = true;
}

void Tape::need_first() {
  need_values();
  if (first_known_) return;
  for (const int id : slope_order_) {
    const Node& at = nodes_[static_cast<std::size_t>(id)];
    const Instruction& instruction = at.instruction;
    const Node& from = nodes_[static_cast<std::size_t>(instruction.operands[0])];
    at.function->first(instruction.size, from.value, at.value, at.slope,
                       {instruction.reals[0], instruction.reals[1]});
  }
  evaluate_jacobians(Pace::point);
  sweep_outputs();
  first_known_ = true;
}

void Tape::need_curvature() {
  need_first();
  if (curvature_known_) return;
  evaluate_jacobians(Pace::curvature);
  curvature_known_ = true;
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
  need_first();
  std::fill_n(out, inputs_, 0.0);
  const double* from = objective_source_.from;
  for (const int variable : supports_.variables(objective_source_.support)) out[variable] = *from++;
}

void Tape::jacobian(double* out) {
  need_first();
  for (const RowSource& row : row_sources_) {
    out = std::copy_n(row.from, supports_.width(row.support), out);
  }
}

void Tape::hessian(double sigma, const double* lambda, double* out) {
  need_curvature();
  output_weights_[0] = sigma;
  std::copy_n(lambda, rows_.size(), output_weights_.begin() + 1);
  for (const HessianBlock& block : hessian_blocks_) {
    std::fill_n(block.sums, static_cast<Index>(block.height) * block.step, 0.0);
  }
  add_swept_curvature();
  add_lagrangian_curvature();
  spread_hessian(out);
}

/** From the blocks to the nonzeros. */
void Tape::spread_hessian(double* out) const {
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
