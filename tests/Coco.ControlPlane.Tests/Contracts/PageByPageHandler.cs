using System.Text.Json;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Reads each list that is read once more, one item at a time: by the cursors it has to be the same, each item once and in the same order.</summary>
internal sealed class PageByPageHandler : ProbeHandler
{
    protected override async Task<HttpResponseMessage> AskAsync(Operation operation, HttpRequestMessage request, byte[]? body)
    {
        var response = await SendLikeAsync(request, body);
        if (request.Method != HttpMethod.Get || !response.IsSuccessStatusCode || await PageAsync(response) is null) { return response; }
        // Without what the client filters by.
        var list = request.RequestUri!.GetLeftPart(UriPartial.Path);
        using var all = await SendLikeAsync(request, body, new(list));
        var whole = (await PageAsync(all))!.Value;
        var items = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            using var one = await SendLikeAsync(request, body, new Uri(list + "?limit=1" + (cursor.Length > 0 ? "&cursor=" + cursor : "")));
            Assert.True(one.IsSuccessStatusCode, $"{operation.Id}: {await TextOf(one)}");
            var (page, next) = (await PageAsync(one))!.Value;
            Assert.True(page.Length == (whole.Items.Length == 0 ? 0 : 1) && items.Count < whole.Items.Length + 1, $"{operation.Id} has a page of {page.Length} after {items.Count} items of {whole.Items.Length}");
            items.AddRange(page);
            cursor = next;
        }
        Assert.Equal((operation.Id, string.Join('\n', whole.Items)), (operation.Id, string.Join('\n', items)));
        if (items.Count > 1) { Count(operation); }
        return response;
    }

    private static async Task<(string[] Items, string? Next)?> PageAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("items", out var items)
            ? ([.. items.EnumerateArray().Select(static item => item.GetRawText())], document.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null)
            : null;
    }
}
