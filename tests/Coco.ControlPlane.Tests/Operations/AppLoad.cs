using System.Net.Http.Headers;
using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Apps that people register one after the other, each under a key of its own, so that whoever got no answer may ask again.</summary>
internal static class AppLoad
{
    /// <summary>An account has room for so many.</summary>
    public const int AppsOfEach = 50;

    public static AppDefinition Wish(int number) => new($"app {number}", AppKind.Service, [], ["networks:read"]);

    /// <summary>Makes accounts by their rows alone, each signed in; an account has room for so many apps.</summary>
    public static async Task<string[]> SignInAsync(string location, int count)
    {
        await using var database = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Tool, default);
        var now = DateTimeOffset.UtcNow;
        return await database.WriteAsync(
            async session =>
            {
                var tokens = new string[count];
                for (var i = 0; i < count; i++)
                {
                    var id = Identifiers.New("acc");
                    await session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({id}, {id + "@example.org"}, {now}, 1)");
                    tokens[i] = (await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Session, id, null, null, [], now, now.AddDays(1)))).Text;
                }
                return tokens;
            },
            default);
    }

    public static async Task<bool> CreateAsync(HttpClient http, string[] tokens, int number)
    {
        try
        {
            using var answer = await PostAsync(http, tokens, number);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public static async Task<HttpResponseMessage> PostAsync(HttpClient http, string[] tokens, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/apps") { Content = JsonContent.Create(Wish(number), options: ApiJson.Options) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[number / AppsOfEach]);
        request.Headers.Add("Idempotency-Key", $"key-{number}");
        return await http.SendAsync(request);
    }

    public static async Task<List<string>> ListAsync(HttpClient http, string[] tokens)
    {
        var names = new List<string>();
        foreach (var token in tokens)
        {
            using var answer = await GetAsync(http, token);
            var page = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Page<AppView>>(ApiJson.Options))!;
            Assert.Null(page.Next);
            if (page.Items.Count == 0) { break; } // they are filled one after the other
            names.AddRange(page.Items.Select(app => app.Name));
        }
        return names;
    }

    public static async Task<HttpResponseMessage> GetAsync(HttpClient http, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/apps?limit=200");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request);
    }
}
