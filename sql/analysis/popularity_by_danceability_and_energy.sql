/* Are tracks to dance to more popular, and does energy help? Bands of a fifth. */
SELECT danceability_from, energy_from, average_popularity, tracks
FROM features_against_popularity
ORDER BY danceability_from, energy_from
