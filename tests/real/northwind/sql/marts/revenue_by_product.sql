SELECT p.product_id, p.product_name, c.category_name, SUM(d.net) AS net, SUM(d.gross) AS gross
FROM order_details d
JOIN products p ON d.product_id = p.product_id
JOIN categories c ON p.category_id = c.category_id
GROUP BY p.product_id, p.product_name, c.category_name
