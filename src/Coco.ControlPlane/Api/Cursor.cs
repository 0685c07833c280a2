using System.Buffers.Text;
using System.Text;

namespace Coco.ControlPlane.Api;

/// <summary>Where a listing goes on: after which key, and how many.</summary>
internal readonly record struct Cursor(string After, int Limit)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;
    private const int MaxKey = 512;

    /// <summary>Reads <c>?cursor=…&amp;limit=…</c>.</summary>
    public static ValueTask<Cursor> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > MaxLimit))
        {
            throw new ApiException(ProblemCode.Invalid, $"limit is a number from 1 to {MaxLimit}.");
        }
        var after = query.TryGetValue("cursor", out var cursor) && cursor.Count > 0 ? Read(cursor[0]!) : "";
        return ValueTask.FromResult(new Cursor(after, limit));
    }

    public static string Write(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <summary>Makes a page of rows, of which one more than <see cref="Limit"/> was read.</summary>
    public Client.Contracts.Page<TView> Page<TRow, TView>(IReadOnlyList<TRow> rows, Func<TRow, string> key, Func<TRow, TView> view)
    {
        var isMore = rows.Count > Limit;
        var shown = rows.Take(Limit).ToList();
        return new([.. shown.Select(view)], isMore ? Write(key(shown[^1])) : null);
    }

    private static string Read(string cursor)
    {
        if (cursor.Length <= MaxKey * 2 && Base64Url.IsValid(cursor))
        {
            var bytes = Base64Url.DecodeFromChars(cursor);
            try
            {
                var key = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
                if (!key.Contains('\0', StringComparison.Ordinal)) { return key; }
            }
            catch (DecoderFallbackException)
            {
            }
        }
        throw new ApiException(ProblemCode.Invalid, "The cursor is none of this listing's. Leave it out to begin anew.");
    }
}
