-- Visits by page; nobody checks them.
SELECT page, count(*) AS visits FROM visits GROUP BY page
