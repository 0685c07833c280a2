namespace Coco.Lab.Simulated;

/// <summary>What joins a host or a router to a net.</summary>
internal sealed class SimulatedCable
{
    public SimulatedCable(SimulatedInternet internet, SimulatedNet net, CableOptions options, Action<SimulatedPacket> handle)
    {
        Net = net;
        Up = new(internet, options, net.Carry);
        Down = new(internet, options, handle);
    }

    public SimulatedNet Net { get; }

    /// <summary>Towards the net.</summary>
    public CableDirection Up { get; }

    /// <summary>From the net.</summary>
    public CableDirection Down { get; }

    /// <summary>Pulled out, in both directions, with what is under way; or plugged in again.</summary>
    public bool IsUnplugged
    {
        get => Up.IsUnplugged;
        set => Up.IsUnplugged = Down.IsUnplugged = value;
    }

    /// <summary>Sets both directions.</summary>
    public void Change(Func<CableOptions, CableOptions> change)
    {
        Up.Options = change(Up.Options);
        Down.Options = change(Down.Options);
    }
}
