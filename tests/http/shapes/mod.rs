//! Services of several shapes, each in a few lines, and the profile through which the same steps run against it.

mod fed;
mod instants;
mod paging;
mod paging_urls;
mod reads;
mod service;
mod writes;
mod writes_ids;
mod writes_later;
mod writes_outcomes;
mod writes_requests;
