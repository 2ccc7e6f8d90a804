#include "consumer.hpp"

#include "localgrad/localgrad.hpp"

float predict_one(float x) {
  const localgrad::Network<float> net({1, 4, 1});
  float y = 0;
  localgrad::predict(net, localgrad::Rows(&x, 1, 1), &y);
  return y;
}
