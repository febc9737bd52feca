#if __has_include(<IpAugSystemSolver.hpp>)

#include "dense_system.hpp"

#include <IpTripletHelper.hpp>
#include <algorithm>

#include "stopwatch.hpp"

namespace setpoint {
namespace {

using Ipopt::TripletHelper;

Ipopt::TaggedObject::Tag tag_of(const Ipopt::TaggedObject* object) {
  return object == nullptr ? Ipopt::TaggedObject::Tag() : object->GetTag();
}

}  // namespace

/** Before each solve: nothing of the last one counts, its shape stays as long as it fits. */
bool DenseSystem::InitializeImpl(const Ipopt::OptionsList&, const std::string&) {
  known_ = false;
  return true;
}

void DenseSystem::shape(const std::array<int, 4>& sizes) {
  if (sizes == sizes_) return;
  sizes_ = sizes;
  int total = 0;
  for (std::size_t block = 0; block < sizes.size(); ++block) {
    begins_[block] = total;
    total += sizes[block];
  }
  ldlt_.resize(total);
  vector_.assign(static_cast<std::size_t>(total), 0.0);
  for (Scatter* scatter : {&hessian_, &equations_, &inequalities_}) scatter->space = nullptr;
}

/** Adds factor · matrix with its upper left element at (row, 0), the lower triangle alone. */
void DenseSystem::add_sparse(const Ipopt::Matrix& matrix, double factor, int row,
                             Scatter& scatter) {
  if (Ipopt::GetRawPtr(scatter.space) != Ipopt::GetRawPtr(matrix.OwnerSpace())) {
    scatter.space = matrix.OwnerSpace();
    const Ipopt::Index count = TripletHelper::GetNumberEntries(matrix);
    std::vector<Ipopt::Index> rows(static_cast<std::size_t>(count)), columns(rows.size());
    // IPOPT's triplets count from 1.
    TripletHelper::FillRowCol(count, matrix, rows.data(), columns.data(), row - 1, -1);
    scatter.values.resize(rows.size());
    scatter.targets.resize(rows.size());
    const auto step = static_cast<std::size_t>(ldlt_.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const auto [column, lower] = std::minmax(rows[k], columns[k]);
      scatter.targets[k] = static_cast<std::size_t>(column) * step + static_cast<std::size_t>(lower);
    }
  }
  const auto count = static_cast<Ipopt::Index>(scatter.values.size());
  TripletHelper::FillValues(count, matrix, scatter.values.data());
  double* to = ldlt_.matrix();
  for (std::size_t k = 0; k < scatter.targets.size(); ++k) {
    to[scatter.targets[k]] += factor * scatter.values[k];
  }
}

void DenseSystem::add_diagonal(int block, const Ipopt::Vector* diagonal, double shift) {
  const int size = sizes_[static_cast<std::size_t>(block)];
  if (diagonal != nullptr) {
    TripletHelper::FillValuesFromVector(size, *diagonal, vector_.data());
  } else {
    std::fill_n(vector_.begin(), size, 0.0);
  }
  const auto step = static_cast<std::size_t>(ldlt_.size()) + 1;
  double* to = ldlt_.matrix() + static_cast<std::size_t>(begins_[static_cast<std::size_t>(block)]) * step;
  for (int i = 0; i < size; ++i) {
    to[static_cast<std::size_t>(i) * step] += vector_[static_cast<std::size_t>(i)] + shift;
  }
}

Ipopt::ESymSolverStatus DenseSystem::MultiSolve(
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
    Ipopt::Index negative) {
  const Stopwatch watch(seconds_);
  shape({right_x[0]->Dim(), right_s[0]->Dim(), right_c[0]->Dim(), right_d[0]->Dim()});
  const Key key{{tag_of(w), tag_of(d_x), tag_of(d_s), tag_of(j_c), tag_of(d_c), tag_of(j_d),
                 tag_of(d_d)},
                {w_factor, delta_x, delta_s, delta_c, delta_d}};
  // IPOPT asks again with the same matrix for each refinement and each correction.
  if (!known_ || !(key == key_)) {
    key_ = key;
    const auto size = static_cast<std::size_t>(ldlt_.size());
    std::fill_n(ldlt_.matrix(), size * size, 0.0);
    // With factor 0, as for the first multipliers, W has no values yet.
    if (w != nullptr && w_factor != 0.0) add_sparse(*w, w_factor, 0, hessian_);
    add_sparse(*j_c, 1.0, begins_[2], equations_);
    add_sparse(*j_d, 1.0, begins_[3], inequalities_);
    for (int i = 0; i < sizes_[3]; ++i) {
      const auto row = static_cast<std::size_t>(begins_[3] + i);
      ldlt_.matrix()[static_cast<std::size_t>(begins_[1] + i) * size + row] = -1.0;
    }
    add_diagonal(0, d_x, delta_x);
    add_diagonal(1, d_s, delta_s);
    add_diagonal(2, d_c, -delta_c);
    add_diagonal(3, d_d, -delta_d);
    regular_ = ldlt_.factor();
    known_ = true;
  }
  if (!regular_) return Ipopt::SYMSOLVER_SINGULAR;
  if (check_inertia && ldlt_.negative() != negative) return Ipopt::SYMSOLVER_WRONG_INERTIA;
  for (std::size_t k = 0; k < right_x.size(); ++k) {
    const std::array<const Ipopt::Vector*, 4> right{
        Ipopt::GetRawPtr(right_x[k]), Ipopt::GetRawPtr(right_s[k]), Ipopt::GetRawPtr(right_c[k]),
        Ipopt::GetRawPtr(right_d[k])};
    const std::array<Ipopt::Vector*, 4> solution{
        Ipopt::GetRawPtr(solution_x[k]), Ipopt::GetRawPtr(solution_s[k]),
        Ipopt::GetRawPtr(solution_c[k]), Ipopt::GetRawPtr(solution_d[k])};
    for (std::size_t block = 0; block < 4; ++block) {
      TripletHelper::FillValuesFromVector(sizes_[block], *right[block],
                                          vector_.data() + begins_[block]);
    }
    ldlt_.solve(vector_.data());
    for (std::size_t block = 0; block < 4; ++block) {
      TripletHelper::PutValuesInVector(sizes_[block], vector_.data() + begins_[block],
                                       *solution[block]);
    }
  }
  return Ipopt::SYMSOLVER_SUCCESS;
}

}  // namespace setpoint

#endif
