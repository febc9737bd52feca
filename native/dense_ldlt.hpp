/**
 * A symmetric indefinite matrix as L D Lᵀ, by LAPACK: Bunch and Kaufman's pivoting, with D in blocks
 * of one and two. By Sylvester's law the matrix has as many negative eigenvalues as D, which is what
 * an interior-point method asks for.
 *
 * J. R. Bunch, L. Kaufman, Math. Comp. 31 (1977); LAPACK Users' Guide, dsytrf and dsytrs.
 */
#ifndef SETPOINT_DENSE_LDLT_HPP
#define SETPOINT_DENSE_LDLT_HPP

#include <vector>

namespace setpoint {

/** One matrix after another of one size; nothing is allocated between `resize` calls. */
class DenseLdlt {
 public:
  void resize(int size);
  int size() const { return size_; }

  /** The lower triangle to be filled before `factor`: element (i, j), i ≥ j, at i + j · size. */
  double* matrix() { return factors_.data(); }

  /** Replaces the matrix by its factors; false where it is singular to working precision. */
  bool factor();

  /** Negative eigenvalues of the matrix that was factorised. */
  int negative() const { return negative_; }

  /** Solves in place; `factor` must have said true. */
  void solve(double* right_hand_side) const;

 private:
  void note_row_sizes();
  bool inspect_pivots();

  int size_ = 0;
  int negative_ = 0;
  std::vector<double> factors_;
  std::vector<int> pivots_;
  std::vector<double> work_;
  /** Largest magnitude in each row of the matrix, and in the row that became each pivot. */
  std::vector<double> row_size_;
};

}  // namespace setpoint

#endif
