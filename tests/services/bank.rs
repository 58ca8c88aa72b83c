//! Accounts with transfers, as a small service would have them, and three classic mistakes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::Rejection;
use serde::{Deserialize, Serialize};

use super::lagging::Lagging;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// The receiver is credited before the debit is tried, and keeps the money when that fails.
    CreditsFirst,
    /// Whether the money is there is looked up in a copy that is one change behind.
    ChecksStaleBalance,
    /// Nobody looks whether the receiver's account was closed.
    PaysIntoClosed,
}

#[derive(Deserialize)]
pub(crate) enum BankCommand {
    OpenAccount { owner: String },
    Deposit { amount: u64 },
    Transfer { to: String, amount: u64 },
    CloseAccount,
}

#[derive(Deserialize)]
pub(crate) enum BankQuery {
    GetAccount,
    ListAccounts { owner: String },
}

#[derive(Clone, Serialize)]
pub(crate) struct Account {
    #[serde(rename = "account")]
    id: String,
    owner: String,
    status: &'static str,
    balance: u64,
    /// What it held before the last change.
    #[serde(skip)]
    before: u64,
}

type Accounts = BTreeMap<String, Account>;

struct Books {
    accounts: Accounts,
    shown: Lagging<Accounts>,
}

pub(crate) struct Bank {
    books: Mutex<Books>,
    bug: Option<Bug>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum BankAnswer {
    One(Account),
    Many(Vec<Account>),
}

impl Bank {
    pub(super) fn new(bug: Option<Bug>, lag: Duration) -> Self {
        Self { books: Mutex::new(Books { accounts: Accounts::new(), shown: Lagging::behind(lag) }), bug }
    }

    pub(super) fn handle(&self, on: &str, command: BankCommand) -> Result<(), Rejection> {
        let mut books = self.books.lock().expect("no panic");
        let Books { accounts, shown } = &mut *books;
        let outcome = self.decide(accounts, on, command);
        shown.follow(accounts);
        outcome
    }

    fn decide(&self, accounts: &mut Accounts, on: &str, command: BankCommand) -> Result<(), Rejection> {
        match command {
            BankCommand::OpenAccount { owner } => {
                if accounts.contains_key(on) {
                    return Err(Rejection::named("AccountAlreadyExists"));
                }
                let account = Account { id: on.to_owned(), owner, status: "open", balance: 0, before: 0 };
                accounts.insert(on.to_owned(), account);
                Ok(())
            }
            BankCommand::Deposit { amount: 0 } | BankCommand::Transfer { amount: 0, .. } => {
                Err(Rejection::named("Malformed"))
            }
            BankCommand::Deposit { amount } => {
                open(accounts, on)?.change(|balance| balance + amount);
                Ok(())
            }
            BankCommand::Transfer { to, amount } => self.transfer(accounts, on, &to, amount),
            BankCommand::CloseAccount => {
                let account = open(accounts, on)?;
                if account.balance > 0 {
                    return Err(Rejection::named("BalanceNotZero"));
                }
                account.status = "closed";
                Ok(())
            }
        }
    }

    fn transfer(&self, accounts: &mut Accounts, from: &str, to: &str, amount: u64) -> Result<(), Rejection> {
        let giver = open(accounts, from)?.clone();
        if from == to {
            return Err(Rejection::named("SameAccount"));
        }
        let takes =
            |account: &&mut Account| account.status == "open" || self.bug == Some(Bug::PaysIntoClosed);
        let Some(receiver) = accounts.get_mut(to).filter(takes) else {
            return Err(Rejection::named("ReceiverNotOpen"));
        };
        if self.bug == Some(Bug::CreditsFirst) {
            receiver.change(|balance| balance + amount);
        }
        let there = if self.bug == Some(Bug::ChecksStaleBalance) { giver.before } else { giver.balance };
        if amount > there {
            return Err(Rejection::named("InsufficientBalance"));
        }
        if self.bug != Some(Bug::CreditsFirst) {
            receiver.change(|balance| balance + amount);
        }
        open(accounts, from)?.change(|balance| balance.saturating_sub(amount));
        Ok(())
    }

    pub(super) fn answer(&self, on: Option<&str>, query: &BankQuery) -> Option<BankAnswer> {
        let mut books = self.books.lock().expect("no panic");
        let accounts = books.shown.now();
        match query {
            BankQuery::GetAccount => accounts.get(on?).cloned().map(BankAnswer::One),
            BankQuery::ListAccounts { owner } => {
                let open =
                    accounts.values().filter(|account| account.owner == *owner && account.status == "open");
                let mut found: Vec<Account> = open.cloned().collect();
                found.sort_by_key(|account| account.balance);
                Some(BankAnswer::Many(found))
            }
        }
    }
}

impl Account {
    fn change(&mut self, to: impl FnOnce(u64) -> u64) {
        self.before = self.balance;
        self.balance = to(self.balance);
    }
}

fn open<'a>(accounts: &'a mut Accounts, id: &str) -> Result<&'a mut Account, Rejection> {
    let account = accounts.get_mut(id).filter(|account| account.status == "open");
    account.ok_or_else(|| Rejection::named("AccountNotOpen"))
}

/// A bank whose read models follow so far behind.
pub(crate) fn bank(bug: Option<Bug>, lag: Duration) -> InProcess<Bank> {
    InProcess::builder("bank", move |_| Bank::new(bug, lag))
        .speaks("bank")
        .ids(IdForm::Text)
        .bound(lag * 2)
        .commands(|bank, sent: Sent<BankCommand>| async move { bank.handle(&sent.on, sent.command) })
        .queries(
            |bank, asked: Asked<BankQuery>| async move { bank.answer(asked.on.as_deref(), &asked.query) },
        )
        .caught_up(|bank, _| async move {
            let due = bank.books.lock().expect("no panic").shown.caught_up();
            tokio::time::sleep_until(due).await;
            true
        })
        .build()
}
