#include "dense_ldlt.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>

// Fortran passes the length of each character argument behind all others.
extern "C" {
void dsytrf_(const char* uplo, const int* n, double* a, const int* lda, int* ipiv, double* work,
             const int* lwork, int* info, std::size_t uplo_length);
void dsytrs_(const char* uplo, const int* n, const int* nrhs, const double* a, const int* lda,
             const int* ipiv, double* b, const int* ldb, int* info, std::size_t uplo_length);
}

namespace setpoint {
namespace {

constexpr const char* kLower = "L";

/**
 * A pivot this small beside the row that it came from is what rounding left of a zero. IPOPT meets
 * garbage that passes here by its own residual test (residual_ratio_singular), so this can be sharp.
 */
constexpr double kRounding = 8 * std::numeric_limits<double>::epsilon();

[[noreturn]] void fail(const char* routine, int info) {
  throw std::logic_error(std::string(routine) + " refused argument " + std::to_string(-info));
}

}  // namespace

void DenseLdlt::resize(int size) {
  size_ = size;
  const auto n = static_cast<std::size_t>(size);
  factors_.assign(n * n, 0.0);
  pivots_.assign(n, 0);
  row_size_.assign(n, 0.0);
  double wanted = 1.0;
  const int ask = -1;
  int info = 0;
  dsytrf_(kLower, &size_, factors_.data(), &size_, pivots_.data(), &wanted, &ask, &info, 1);
  if (info != 0) fail("dsytrf", info);
  work_.assign(static_cast<std::size_t>(wanted), 0.0);
}

bool DenseLdlt::factor() {
  if (size_ == 0) return true;
  note_row_sizes();
  const int length = static_cast<int>(work_.size());
  int info = 0;
  dsytrf_(kLower, &size_, factors_.data(), &size_, pivots_.data(), work_.data(), &length, &info, 1);
  if (info < 0) fail("dsytrf", info);
  return info == 0 && inspect_pivots();
}

void DenseLdlt::note_row_sizes() {
  std::fill(row_size_.begin(), row_size_.end(), 0.0);
  const double* column = factors_.data();
  for (int j = 0; j < size_; ++j, column += size_) {
    double largest = row_size_[static_cast<std::size_t>(j)];
    for (int i = j; i < size_; ++i) {
      const double magnitude = std::fabs(column[i]);
      double& row = row_size_[static_cast<std::size_t>(i)];
      row = std::max(row, magnitude);
      largest = std::max(largest, magnitude);
    }
    row_size_[static_cast<std::size_t>(j)] = largest;
  }
}

/** Counts the negative eigenvalues of D; false where a pivot is nothing but rounding. */
bool DenseLdlt::inspect_pivots() {
  negative_ = 0;
  const auto diagonal = [&](int k) { return factors_[static_cast<std::size_t>(k) * size_ + k]; };
  const auto swap_rows = [&](int a, int b) {
    std::swap(row_size_[static_cast<std::size_t>(a)], row_size_[static_cast<std::size_t>(b)]);
  };
  for (int k = 0; k < size_; ++k) {
    const int pivot = pivots_[static_cast<std::size_t>(k)];
    if (pivot > 0) {
      swap_rows(k, pivot - 1);
      const double d = diagonal(k);
      if (!(std::fabs(d) > kRounding * row_size_[static_cast<std::size_t>(k)])) return false;
      if (d < 0.0) ++negative_;
      continue;
    }
    swap_rows(k + 1, -pivot - 1);
    const double a = diagonal(k), c = diagonal(k + 1);
    const double b = factors_[static_cast<std::size_t>(k) * size_ + k + 1];
    const double largest = std::max({std::fabs(a), std::fabs(b), std::fabs(c)});
    const double row = std::min(row_size_[static_cast<std::size_t>(k)],
                                row_size_[static_cast<std::size_t>(k) + 1]);
    if (!(largest > kRounding * row)) return false;
    // Divided by its size, so that the determinant neither over- nor underflows.
    const double determinant = (a / largest) * (c / largest) - (b / largest) * (b / largest);
    negative_ += determinant < 0.0 ? 1 : a + c < 0.0 ? 2 : 0;
    ++k;
  }
  return true;
}

void DenseLdlt::solve(double* right_hand_side) const {
  if (size_ == 0) return;
  const int one = 1;
  int info = 0;
  dsytrs_(kLower, &size_, &one, factors_.data(), &size_, pivots_.data(), right_hand_side, &size_,
          &info, 1);
  if (info != 0) fail("dsytrs", info);
}

}  // namespace setpoint
