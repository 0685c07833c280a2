using System.Text.Json.Nodes;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>Sends each body first with a member that its contract does not name, as whoever guesses names of columns does: it has to be refused (400), whatever the member.</summary>
internal sealed class OtherMembersHandler : ProbeHandler
{
    private static readonly string[] Guesses = ["id", "version", "ownerAccount", "owner_app", "role", "kind2", "created", "plan2", "isAdmin", "__proto__"];

    protected override async Task<HttpResponseMessage> AskAsync(Operation operation, HttpRequestMessage request, byte[]? body)
    {
        if (body is null || JsonNode.Parse(body) is not JsonObject known) { return await SendLikeAsync(request, body); }
        var refused = new List<string>();
        foreach (var guess in Guesses.Where(guess => !known.ContainsKey(guess)))
        {
            var guessing = known.DeepClone().AsObject();
            guessing[guess] = guess;
            using var answer = await SendLikeAsync(request, System.Text.Encoding.UTF8.GetBytes(guessing.ToJsonString()));
            refused.Add($"{guess}: {await TextOf(answer)}");
        }
        var response = await SendLikeAsync(request, body);
        if (!response.IsSuccessStatusCode) { return response; } // refused for other reasons, which may come first
        Assert.All(refused, wrong => Assert.True(wrong.Contains(": 400 ", StringComparison.Ordinal), $"{operation.Id} with {wrong}"));
        Count(operation);
        return response;
    }
}
