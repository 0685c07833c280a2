using System.Net;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Settings;

/// <summary>The relay of an instance, and what networks may use of it.</summary>
internal sealed record RelayingSettings
{
    /// <summary>Where it takes UDP and TCP, <c>ADDRESS:PORT</c>; no relay where empty. Default none.</summary>
    public string[] Listen { get; init; } = [];

    /// <summary>Where it takes WebSockets over TLS, <c>ADDRESS:PORT</c>, with the instance's certificate. Default none.</summary>
    public string[] WebSocketListen { get; init; } = [];

    /// <summary>Whether it takes WebSockets at <c>/coco</c> wherever the API is listened for, so that nodes need no other port than its. Null, the default, where there
    /// is a relay; true makes one that is reached by nothing else; false takes none there.</summary>
    public bool? WebSocketOnApi { get; init; }

    /// <summary>Where nodes find it, <c>ADDRESS:PORT</c>, at most 4: for a relay behind a router or on all addresses of its machine. Default: what it
    /// listens on, as far as that is one address each.</summary>
    public string[] Addresses { get; init; } = [];

    /// <summary>The file of the relay's key, each instance's own. Default <c>relay.key</c> in the data directory, made at the first start.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The <c>wss://</c> address that clients are told, which has to lead to this very instance. Default: that of <c>PublicUrl</c>, where WebSockets are taken by the API
    /// and the database is SQLite, so that there is one instance; else none.</summary>
    public string? Url { get; init; }

    /// <summary>Clients at once. From 1 to 10,000,000, default 100,000.</summary>
    public int MaxClients { get; init; } = 100_000;

    /// <summary>How often what clients used is written down. From 100 ms to 10 minutes, default 5 seconds.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long clients may take to go elsewhere when the instance stops. From 0 to 5 minutes, default 5 seconds.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it carries for whoever comes, as <c>coco relay</c> does: nodes that no network here has are served among themselves, within no plan,
    /// and networks are not kept apart. For a control plane of one's own. Default false.</summary>
    public bool ServesStrangers { get; init; }

    /// <summary>What networks may use, by names of plans. Default <c>free</c> alone.</summary>
    public Dictionary<string, PlanSettings> Plans { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The plan of a network that has no other. Default <c>free</c>.</summary>
    public string DefaultPlan { get; init; } = "free";

    /// <summary>Whether there is a relay.</summary>
    public bool IsOn => Listen.Length > 0 || WebSocketListen.Length > 0 || WebSocketOnApi == true;

    /// <summary>Whether it takes WebSockets by the API.</summary>
    public bool IsOnApi => IsOn && WebSocketOnApi != false;

    /// <summary>A plan by its name; the default where none is called that any more.</summary>
    public PlanSettings PlanOf(string? name) =>
        name is not null && Plans.TryGetValue(name, out var plan) ? plan : Plans.GetValueOrDefault(DefaultPlan) ?? new();

    public IEnumerable<string> Validate()
    {
        foreach (var text in Listen.Concat(WebSocketListen).Where(static text => !IPEndPoint.TryParse(text, out _))) { yield return $"Relaying: '{text}' is no ADDRESS:PORT."; }
        foreach (var text in Addresses.Where(static text => !NetworkAddress.TryParse(text, out var address) || !address.IsSendable)) { yield return $"Relaying.Addresses: '{text}' is no ADDRESS:PORT that others can send to."; }
        if (Addresses.Length > RelayInfo.MaxAddresses) { yield return $"Relaying.Addresses: a relay has at most {RelayInfo.MaxAddresses}."; }
        if (Url is not null && !RelayInfo.IsUrl(Url)) { yield return $"Relaying.Url: '{Url}' is no wss:// address."; }
        if (MaxClients is < 1 or > 10_000_000) { yield return "Relaying.MaxClients is from 1 to 10,000,000."; }
        if (FlushInterval < TimeSpan.FromMilliseconds(100) || FlushInterval > TimeSpan.FromMinutes(10)) { yield return "Relaying.FlushInterval is from 100 ms to 10 minutes."; }
        if (DrainTime < TimeSpan.Zero || DrainTime > TimeSpan.FromMinutes(5)) { yield return "Relaying.DrainTime is from 0 to 5 minutes."; }
        if (DefaultPlan != "free" && !Plans.ContainsKey(DefaultPlan)) { yield return $"Relaying.DefaultPlan: there is no plan '{DefaultPlan}'."; }
        foreach (var (name, plan) in Plans)
        {
            foreach (var wrong in plan.Validate(name)) { yield return wrong; }
        }
    }
}
