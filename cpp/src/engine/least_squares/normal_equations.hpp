#pragma once

#include <functional>
#include <vector>

#include "engine/data/examples.hpp"
#include "engine/pass/layer_rates.hpp"
#include "engine/pass/pass.hpp"

namespace localgrad {

/// Some rows of the matrix of (weights; biases) of one part of the parameters, which are trained. They are
/// adjacent in the parameter buffer.
struct TrainedRows {
  Index part, k_begin, k_end, columns;
  std::size_t begin;  ///< position in Network::parameters
  bool biases;        ///< or input scales
  std::size_t size() const { return static_cast<std::size_t>((k_end - k_begin) * columns); }
};

/// Returns the rows that are trained, in the order of Network::parameters.
std::vector<TrainedRows> trained_rows(const std::vector<std::size_t>& sizes, const LayerRates& rates,
                                      bool learns_scale);

/// The matrix A^T A of the residuals of examples and their derivatives, A = (J e): one row for each output of
/// each example, one column for each parameter that is trained, and the residual a^L - y as the last column.
class NormalEquations {
 public:
  /// Allocates the matrix for `trained` parameters. Throws OutOfMemory, before anything is allocated, if two
  /// such matrices do not fit into memory.
  NormalEquations(const Network<double>& network, std::vector<TrainedRows> rows);

  /// Sums up the matrix for some rows of x. With standardized targets, residuals are those of the
  /// standardized targets. Calls interrupt between chunks of rows.
  void compute(const Network<double>& network, const Rows& x, const Targets& y, const Chosen& chosen,
               int n_threads, const std::function<bool()>& interrupt);

  Index parameters() const { return parameters_; }
  Index stride() const { return stride_; }
  const double* row(Index p) const { return sums_.data() + p * stride_; }
  /// Sum over all rows of A of the derivative with respect to parameter p times the residual.
  double slope(Index p) const { return row(p)[parameters_]; }

 private:
  double* write_row(Pass<double>& pass, Index r, Index output, double factor, double* to) const;
  void add_chunk(Index count, int n_threads);

  std::vector<TrainedRows> rows_;
  Index parameters_ = 0, outputs_ = 0, stride_ = 0, examples_ = 0;
  Buffer<double> sums_, chunk_;
};

}  // namespace localgrad
