//! Articles that are reserved, shipped and released, as a small service would have them, and three classic mistakes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::Rejection;
use serde::{Deserialize, Serialize};

use super::lagging::Lagging;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// What a reservation held is given back once when it ends, and once more when it is removed.
    ReleasesTwice,
    /// One more than there is can be reserved: `<` where `<=` is meant.
    OversellsByOne,
    /// The reservation goes, and the pieces stay in the books.
    ShipsFromNowhere,
}

#[derive(Deserialize)]
pub(crate) enum StockCommand {
    Receive { quantity: u64 },
    Reserve { order: String, quantity: u64 },
    Release { order: String },
    Ship { order: String },
}

#[derive(Deserialize)]
pub(crate) enum StockQuery {
    GetArticle,
}

#[derive(Clone, Serialize)]
pub(crate) struct Reservation {
    order: String,
    quantity: u64,
}

#[derive(Clone, Default, Serialize)]
pub(crate) struct Article {
    on_hand: u64,
    /// Kept beside the reservations, as such services do.
    available: u64,
    reservations: Vec<Reservation>,
}

type Articles = BTreeMap<String, Article>;

struct Books {
    articles: Articles,
    shown: Lagging<Articles>,
}

pub(crate) struct Stock {
    books: Mutex<Books>,
    bug: Option<Bug>,
}

impl Stock {
    pub(super) fn new(bug: Option<Bug>, lag: Duration) -> Self {
        Self { books: Mutex::new(Books { articles: Articles::new(), shown: Lagging::behind(lag) }), bug }
    }

    pub(super) fn handle(&self, on: &str, command: StockCommand) -> Result<(), Rejection> {
        let mut books = self.books.lock().expect("no panic");
        let Books { articles, shown } = &mut *books;
        let outcome = self.decide(articles, on, command);
        shown.follow(articles);
        outcome
    }

    pub(super) fn answer(&self, on: &str) -> Option<Article> {
        self.books.lock().expect("no panic").shown.now().get(on).cloned()
    }

    fn decide(&self, articles: &mut Articles, on: &str, command: StockCommand) -> Result<(), Rejection> {
        match command {
            StockCommand::Receive { quantity: 0 } | StockCommand::Reserve { quantity: 0, .. } => {
                Err(Rejection::named("Malformed"))
            }
            StockCommand::Receive { quantity } => {
                let article = articles.entry(on.to_owned()).or_default();
                article.on_hand += quantity;
                article.available += quantity;
                Ok(())
            }
            StockCommand::Reserve { order, quantity } => {
                let Some(article) = articles.get_mut(on) else {
                    return Err(Rejection::named("ArticleNotFound"));
                };
                if article.reservations.iter().any(|held| held.order == order) {
                    return Err(Rejection::named("AlreadyReserved"));
                }
                let most = article.available + u64::from(self.bug == Some(Bug::OversellsByOne));
                if quantity > most {
                    return Err(Rejection::named("NotEnoughStock"));
                }
                article.available = article.available.saturating_sub(quantity);
                article.reservations.push(Reservation { order, quantity });
                Ok(())
            }
            StockCommand::Release { order } => {
                let (article, quantity) = end(articles, on, &order)?;
                article.available += quantity;
                if self.bug == Some(Bug::ReleasesTwice) {
                    article.available += quantity;
                }
                Ok(())
            }
            StockCommand::Ship { order } => {
                let (article, quantity) = end(articles, on, &order)?;
                if self.bug != Some(Bug::ShipsFromNowhere) {
                    article.on_hand -= quantity;
                }
                Ok(())
            }
        }
    }
}

/// Takes a reservation out, and says how much it held.
fn end<'a>(articles: &'a mut Articles, on: &str, order: &str) -> Result<(&'a mut Article, u64), Rejection> {
    let article = articles.get_mut(on).ok_or_else(|| Rejection::named("NotReserved"))?;
    let at = article.reservations.iter().position(|held| held.order == order);
    let held = article.reservations.remove(at.ok_or_else(|| Rejection::named("NotReserved"))?);
    Ok((article, held.quantity))
}

/// A stock whose read model follows so far behind.
pub(crate) fn stock(bug: Option<Bug>, lag: Duration) -> InProcess<Stock> {
    InProcess::builder("stock", move |_| Stock::new(bug, lag))
        .speaks("stock")
        .ids(IdForm::Text)
        .bound(lag * 2)
        .commands(|stock, sent: Sent<StockCommand>| async move { stock.handle(&sent.on, sent.command) })
        .queries(|stock, asked: Asked<StockQuery, String>| async move {
            let StockQuery::GetArticle = asked.query;
            stock.answer(&asked.on)
        })
        .caught_up(|stock, _| async move {
            let due = stock.books.lock().expect("no panic").shown.caught_up();
            tokio::time::sleep_until(due).await;
            true
        })
        .build()
}
