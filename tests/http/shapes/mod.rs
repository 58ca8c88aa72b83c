//! Services of several shapes, each in a few lines, and the profile through which the same steps run against it.

mod paging;
mod reads;
mod service;
mod writes;
