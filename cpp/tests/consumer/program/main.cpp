#include <consumer.hpp>

int main() { return predict_one(0.5f) == predict_one(0.5f) ? 0 : 1; }
