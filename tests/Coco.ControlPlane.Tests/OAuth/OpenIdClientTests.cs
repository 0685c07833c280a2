using System.Text.Json;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>npm <c>openid-client</c>, a certified implementation of the other side, does all that an app does (<c>npm/peer.mjs</c>).</summary>
public sealed class OpenIdClientTests
{
    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(NodeProgram.Repository, "artifacts", "interop", "openid-client");

    [Fact]
    public async Task It_discovers_signs_in_refreshes_revokes_and_validates()
    {
        NodeProgram.Require("node");
        NodeProgram.Require("npm");
        var problem = await InstallAsync();
        Assert.SkipUnless(problem.Length == 0, $"NOT TESTED: npm could not install openid-client in {Folder}: {problem}");
        await using var plane = await TestPlane.StartAsync();
        plane.Time.SetToNow(); // the client has a clock of its own
        using var client = await Client.StartAsync(plane);

        var input = JsonSerializer.Serialize(new
        {
            issuer = plane.Http.BaseAddress!.ToString().TrimEnd('/'), clientId = client.App.Id, clientSecret = client.Secret, redirectUri = client.Redirect,
            scope = string.Join(' ', client.App.Scopes), person = new { email = Client.Email, password = Client.Password },
        });
        var (code, output, errors) = await NodeProgram.RunAsync("node", ["peer.mjs"], Folder, input);
        using var answer = JsonDocument.Parse(output.Length > 0 ? output : "{}");

        Assert.True(code == 0 && answer.RootElement.TryGetProperty("done", out _), output + errors);
        Assert.Equal(
            ["discovery oidc", "discovery oauth2", .. new[] { "basic", "post" }.SelectMany(way => new[] { "code", "userinfo", "refresh", "introspect and revoke", "client credentials" }.Select(step => $"{step} {way}"))],
            answer.RootElement.GetProperty("done").EnumerateArray().Select(step => step.GetString()!));
    }

    private static async Task<string> InstallAsync()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(NodeProgram.Repository, "tests", "Coco.ControlPlane.Tests", "OAuth", "npm"))) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openid-client"))) { return ""; }
        var (code, output, errors) = await NodeProgram.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder, "");
        return code == 0 ? "" : output + errors;
    }
}
