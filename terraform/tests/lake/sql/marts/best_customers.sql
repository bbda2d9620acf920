SELECT customer_id, amount FROM data_warehouse_db.tbl_revenue ORDER BY amount DESC LIMIT 100
