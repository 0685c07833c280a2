namespace Coco.Cli.Daemon;

/// <summary>Who asks: the user, or an app that showed its token and reaches its own nodes only.</summary>
/// <param name="App">The app's name; null for the user.</param>
internal sealed record ApiCaller(string? App)
{
    public bool IsUser => App is null;
}
