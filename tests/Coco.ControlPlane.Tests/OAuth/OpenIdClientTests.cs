using System.Diagnostics;
using System.Text.Json;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>npm <c>openid-client</c>, a certified implementation of the other side, does all that an app does (<c>npm/peer.mjs</c>).</summary>
public sealed class OpenIdClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Coco.slnx"))) { folder = Path.GetDirectoryName(folder); }
            return folder ?? throw new InvalidOperationException("The tests do not run below the folder of Coco.slnx.");
        }
    }

    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(Repository, "artifacts", "interop", "openid-client");

    [Fact]
    public async Task It_discovers_signs_in_refreshes_revokes_and_validates()
    {
        Program("node");
        Program("npm");
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
        var (code, output, errors) = await RunAsync("node", ["peer.mjs"], Folder, input);
        using var answer = JsonDocument.Parse(output.Length > 0 ? output : "{}");

        Assert.True(code == 0 && answer.RootElement.TryGetProperty("done", out _), output + errors);
        Assert.Equal(
            ["discovery oidc", "discovery oauth2", .. new[] { "basic", "post" }.SelectMany(way => new[] { "code", "userinfo", "refresh", "introspect and revoke", "client credentials" }.Select(step => $"{step} {way}"))],
            answer.RootElement.GetProperty("done").EnumerateArray().Select(step => step.GetString()!));
    }

    // Where CI=true a missing program is a failure: there it is installed.
    private static void Program(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, program)))) { return; }
        var reason = $"NOT TESTED: {program} is not installed. Install Node.js 20 or later";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }

    private static async Task<string> InstallAsync()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository, "tests", "Coco.ControlPlane.Tests", "OAuth", "npm"))) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openid-client"))) { return ""; }
        var (code, output, errors) = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder, "");
        return code == 0 ? "" : output + errors;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string program, string[] arguments, string folder, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.StandardInput.WriteLineAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) { process.Kill(); }
        }
    }
}
