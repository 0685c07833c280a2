using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>The apps that may use the daemon, each with a token that it shows. The file has digests: who reads it cannot pass for an app.</summary>
internal sealed class AppTokens
{
    // Chosen: more than a person installs; each costs a digest and a line of a file.
    private const int MaxApps = 256;

    private const string Scheme = "Bearer ";

    private readonly string _file;
    private readonly Lock _lock = new(); // guards the list, and the file
    private AppList _apps;

    private AppTokens(string file, AppList apps) => (_file, _apps) = (file, apps);

    public IReadOnlyList<AppEntry> All
    {
        get
        {
            lock (_lock) { return _apps.Apps; }
        }
    }

    public static AppTokens Read(string file)
    {
        if (!File.Exists(file)) { return new(file, new([])); }
        try
        {
            var apps = JsonSerializer.Deserialize(File.ReadAllBytes(file), ApiJson.Default.AppList);
            if (apps is { Format: AppList.CurrentFormat }) { return new(file, apps); }
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new CommandException(ExitCode.Failed, $"{file} is no list of apps that this version of coco can read. Move it away, and add the apps again: `coco app add NAME`.");
    }

    /// <summary>Lets an app in, by the token that is returned and kept nowhere.</summary>
    public string Add(string name)
    {
        if (!Cluster.AppId.TryParse(name, out _))
        {
            throw ApiException.Of(CocoError.Invalid, $"'{name}' is no name of an app: 1 to 64 characters from a-z, 0-9, '.', '-' and '_', such as org.example.chat.");
        }
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        lock (_lock)
        {
            if (_apps.Apps.Any(app => app.Name == name))
            {
                throw ApiException.Of(CocoError.NameInUse, $"There is an app {name} already. `coco app remove {name}` takes its token back; its nodes stay.");
            }
            if (_apps.Apps.Count == MaxApps) { throw ApiException.Of(CocoError.Overloaded, $"There are {MaxApps} apps, the most there may be. Remove one: `coco app list`."); }
            Keep([.. _apps.Apps, new(name, DigestOf(token), DateTimeOffset.UtcNow)]);
        }
        return token;
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            if (_apps.Apps.All(app => app.Name != name))
            {
                throw ApiException.Of(CocoError.NotFound, $"There is no app {name}.{Spelling.Suggest(name, _apps.Apps.Select(static app => app.Name))} `coco app list` lists them.");
            }
            Keep([.. _apps.Apps.Where(app => app.Name != name)]);
        }
    }

    /// <summary>Who shows this header: the user where there is none.</summary>
    /// <exception cref="ApiException">It is no token of an app.</exception>
    public ApiCaller CallerOf(string? authorization)
    {
        if (authorization is null) { return new((string?)null); }
        if (authorization.StartsWith(Scheme, StringComparison.Ordinal))
        {
            // Digests are compared, so the time it takes tells nothing of a token.
            var digest = DigestOf(authorization[Scheme.Length..]);
            lock (_lock)
            {
                if (_apps.Apps.FirstOrDefault(app => app.Digest == digest) is { } app) { return new(app.Name); }
            }
        }
        throw ApiException.Of(CocoError.NotPermitted, "The token in COCO_TOKEN is no app's. `coco app list` lists the apps; `coco app add NAME` makes another token.");
    }

    private static string DigestOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private void Keep(IReadOnlyList<AppEntry> apps)
    {
        var next = new AppList(apps);
        SafeFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(next, ApiJson.Default.AppList));
        _apps = next;
    }
}
