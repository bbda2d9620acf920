SELECT event_id, known_as
FROM earthquakes LATERAL VIEW explode(id_list) AS known_as
