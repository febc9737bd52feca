/**
 * IPOPT's linear system, solved densely: for programs of up to some hundred variables and rows the
 * bookkeeping of a sparse solver costs many times the arithmetic.
 *
 *   ⎡ W + Dx + δx I    0           Jcᵀ           Jdᵀ        ⎤
 *   ⎢ 0                Ds + δs I   0             −I         ⎥
 *   ⎢ Jc               0           Dc − δc I     0          ⎥
 *   ⎣ Jd               −I          0             Dd − δd I  ⎦
 *
 * A. Wächter, L. T. Biegler, Math. Program. 106 (2006), section 3.1. Needs the headers of IPOPT 3.12
 * or later, so it is left out where those of 3.11 are.
 */
#ifndef SETPOINT_DENSE_SYSTEM_HPP
#define SETPOINT_DENSE_SYSTEM_HPP

#include <IpAugSystemSolver.hpp>
#include <array>
#include <cstddef>
#include <vector>

#include "dense_ldlt.hpp"

namespace setpoint {

/** Where the values of one of IPOPT's sparse matrices go in the dense one. */
struct Scatter {
  /** Whose structure this is; kept alive so that its address is nobody else's. */
  Ipopt::SmartPtr<const Ipopt::MatrixSpace> space;
  std::vector<std::size_t> targets;
  std::vector<double> values;
};

/** `seconds` grows by the time that is spent in here. */
class DenseSystem : public Ipopt::AugSystemSolver {
 public:
  explicit DenseSystem(double& seconds) : seconds_(seconds) {}

  bool InitializeImpl(const Ipopt::OptionsList& options, const std::string& prefix) override;
  Ipopt::ESymSolverStatus MultiSolve(
      const Ipopt::SymMatrix* w, double w_factor, const Ipopt::Vector* d_x, double delta_x,
      const Ipopt::Vector* d_s, double delta_s, const Ipopt::Matrix* j_c, const Ipopt::Vector* d_c,
      double delta_c, const Ipopt::Matrix* j_d, const Ipopt::Vector* d_d, double delta_d,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_x,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_s,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_c,
      std::vector<Ipopt::SmartPtr<const Ipopt::Vector>>& right_d,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_x,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_s,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_c,
      std::vector<Ipopt::SmartPtr<Ipopt::Vector>>& solution_d, bool check_inertia,
      Ipopt::Index negative) override;
  Ipopt::Index NumberOfNegEVals() const override { return ldlt_.negative(); }
  bool ProvidesInertia() const override { return true; }
  /** Bunch and Kaufman's pivoting has nothing to tighten. */
  bool IncreaseQuality() override { return false; }

 private:
  /** All that decides the matrix: tags of its parts (0 where there is none) and its numbers. */
  struct Key {
    std::array<Ipopt::TaggedObject::Tag, 7> tags;
    std::array<double, 5> numbers;
    bool operator==(const Key& other) const {
      return tags == other.tags && numbers == other.numbers;
    }
  };

  void shape(const std::array<int, 4>& sizes);
  void add_sparse(const Ipopt::Matrix& matrix, double factor, int row, Scatter& scatter);
  void add_diagonal(int block, const Ipopt::Vector* diagonal, double shift);

  double& seconds_;
  DenseLdlt ldlt_;
  /** Elements of x, s, c and d, and where each begins. */
  std::array<int, 4> sizes_{};
  std::array<int, 4> begins_{};
  Scatter hessian_, equations_, inequalities_;
  std::vector<double> vector_;
  Key key_{};
  bool known_ = false;
  bool regular_ = false;
};

}  // namespace setpoint

#endif
