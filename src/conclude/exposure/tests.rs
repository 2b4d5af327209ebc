mod bypass;
mod database;
mod service;
mod world;
