-- Not FROM visits: a comment names no source.
WITH paid AS (SELECT * FROM orders WHERE amount > 0)
SELECT p.customer_id, sum(p.amount) AS amount
FROM paid p
JOIN customers c ON p.customer_id = c.customer_id
GROUP BY p.customer_id
