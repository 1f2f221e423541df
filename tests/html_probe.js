// SPDX-License-Identifier: Apache-2.0
// Put at the end of a report's page by tests/html.sh: clicks the head of a
// column of numbers twice, and notes on the body whether the rows followed and
// whether the page is wider than its window.
(() => {
	const numbers = (row) => [...row.cells].findIndex(
		(cell) => cell.dataset.v !== undefined);
	const table = [...document.querySelectorAll('table')].find(
		(t) => t.rows.length > 3 && numbers(t.rows[1]) >= 0);
	const column = numbers(table.rows[1]);
	const head = table.rows[0].cells[column];
	const read = () => [...table.tBodies[0].rows]
		.map((row) => row.cells[column].dataset.v)
		.filter((v) => v !== undefined).map(Number);
	const rises = (v) => v.every((x, i) => !i || v[i - 1] <= x);
	const click = () => head.querySelector('button').click();

	click();
	const up = read(), first = head.getAttribute('aria-sort');
	click();
	const down = read(), second = head.getAttribute('aria-sort');
	document.body.dataset.sorted = up.length > 1 && rises(up) &&
		rises(down.reverse()) && first === 'ascending' &&
		second === 'descending';
	document.body.dataset.wide =
		document.documentElement.scrollWidth > innerWidth;
})();
