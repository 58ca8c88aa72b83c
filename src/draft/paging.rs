use super::names::place;
use super::outline::Page;
use super::service::{Operation, Parameter, ParameterPlace, Shape};

const NUMBERS: [&str; 6] = ["page", "page_number", "pageNumber", "pageIndex", "page_index", "p"];
const OFFSETS: [&str; 5] = ["offset", "skip", "start", "startAt", "startIndex"];
const CURSORS: [&str; 11] = [
    "cursor",
    "after",
    "page_token",
    "pageToken",
    "next_token",
    "nextToken",
    "continuation_token",
    "continuationToken",
    "continue",
    "marker",
    "starting_after",
];
const SIZES: [&str; 13] = [
    "page_size",
    "pageSize",
    "per_page",
    "perPage",
    "size",
    "limit",
    "take",
    "count",
    "max_results",
    "maxResults",
    "top",
    "rows",
    "page_limit",
];
/// Places of the next cursor, where it isn't called like the parameter.
const NEXT: [&str; 10] = [
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "nextToken",
    "continue",
    "next",
    "next_marker",
    "end_cursor",
];
const TOTALS: [&str; 9] = [
    "total",
    "total_count",
    "totalCount",
    "totalElements",
    "total_elements",
    "totalItems",
    "total_items",
    "totalResults",
    "total_results",
];

/// How many rows are asked for where the document has no limit.
const ROWS: i64 = 20;

/// Whether a parameter is about pages or the order of rows, and no filter.
pub(super) fn is_word(wire: &str) -> bool {
    let lists: [&[&str]; 4] = [&NUMBERS, &OFFSETS, &CURSORS, &SIZES];
    lists.iter().any(|list| list.contains(&wire))
        || ["sort", "order", "order_by", "sortBy", "before"].contains(&wire)
}

/// How the pages of a list are asked for, as far as its parameters and its answer tell.
pub(super) fn page(operation: &Operation) -> Option<Page> {
    let find = |names: &[&str]| {
        let mut asked = operation.parameters.iter().filter(|one| one.place == ParameterPlace::Query);
        asked.find(|one| names.contains(&&*one.name))
    };
    let size = find(&SIZES).filter(|one| {
        matches!(one.shape, Shape::Whole(..) | Shape::Decimal { .. } | Shape::Text { .. } | Shape::Any)
    });
    let cursor = find(&CURSORS).and_then(|cursor| Some((cursor, next(operation.answer.as_ref()?)?)));
    if let (Some(number), Some(size)) = (find(&NUMBERS), size) {
        let first = i64::from(
            !matches!(number.shape, Shape::Whole(Some(0), _))
                && !number.default.as_ref().is_some_and(|first| *first == 0.into()),
        );
        return Some(Page::Number {
            number: number.name.clone(),
            size: size.name.clone(),
            first,
            most: most(size),
        });
    }
    if let (Some(offset), Some(size)) = (find(&OFFSETS), size) {
        return Some(Page::Offset { offset: offset.name.clone(), size: size.name.clone(), most: most(size) });
    }
    let (cursor, next) = cursor?;
    let size = size.map(|size| (size.name.clone(), most(size)));
    Some(Page::Cursor { cursor: cursor.name.clone(), next, size })
}

fn most(size: &Parameter) -> i64 {
    if let Shape::Whole(_, Some(most)) = size.shape { most.clamp(1, 1_000) } else { ROWS }
}

/// The place of what comes next.
fn next(answer: &Shape) -> Option<String> {
    find(answer, &NEXT, &|shape| matches!(shape, Shape::Text { .. } | Shape::Whole(..)))
}

/// Where a list tells how many rows there are on all pages.
pub(super) fn total(answer: &Shape) -> Option<String> {
    find(answer, &TOTALS, &|shape| matches!(shape, Shape::Whole(..) | Shape::Decimal { text: false, .. }))
}

/// The place of a field with one of these names, at the top or in a record there.
fn find(answer: &Shape, names: &[&str], fits: &dyn Fn(&Shape) -> bool) -> Option<String> {
    let of = |shape: &Shape| {
        let member = names.iter().find_map(|name| shape.member(name).filter(|member| fits(&member.shape)))?;
        Some(place(&member.name))
    };
    of(answer).or_else(|| {
        answer
            .members()
            .iter()
            .find_map(|outer| Some(format!("{}{}", place(&outer.name), &of(&outer.shape)?[1..])))
    })
}
