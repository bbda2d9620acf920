-- What did each customer pay in a month?
SELECT customer_id, amount FROM revenue ORDER BY amount DESC
