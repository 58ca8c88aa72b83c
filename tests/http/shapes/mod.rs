//! Services of several shapes, each in a few lines, and the profile through which the same steps run against it.

mod service;
mod writes;
