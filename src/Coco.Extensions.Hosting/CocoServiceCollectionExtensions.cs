using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Extensions.Hosting;

/// <summary>Puts a node into a host.</summary>
public static class CocoServiceCollectionExtensions
{
    /// <summary>Adds a node that starts and stops with the host; services find it by <see cref="CocoNode"/>. Once for a host.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Says what the node is like, and how it comes to be.</param>
    public static IServiceCollection AddCoco(this IServiceCollection services, Action<CocoServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(static service => service.ServiceType == typeof(CocoNode)))
        {
            throw new InvalidOperationException("This host has a node already. For more of them use Node itself; they can share a CocoHost.");
        }
        var options = new CocoServiceOptions();
        configure(options);
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(new CocoNode());
        return services.AddHostedService(provider =>
            new CocoHostedService(provider.GetRequiredService<CocoNode>(), options, provider.GetRequiredService<ILoggerFactory>()));
    }
}
