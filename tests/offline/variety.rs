//! Verdicts, texts and scripts in the variety of real accounts: tables of small cases, each with
//! what is expected and what AWS says about it.

mod exit_codes;
mod remedies;
